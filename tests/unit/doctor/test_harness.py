"""What measuring costs, with a clock that moves by a known amount at each reading."""

from collections.abc import Sequence
from functools import partial

import pytest

from embprof.doctor import harness
from embprof.doctor.harness import HarnessCost, NoWork
from embprof.measurements.throughput import Throughput
from embprof.model import Estimate, Samples
from embprof.testing import FakeClock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """A step takes 1 s, measuring adds 2 s to each call and 5 s to each slice."""
    moved = FakeClock()

    def observe(measurement: Throughput, iterations: int) -> Sequence[Samples]:
        assert measurement is not None
        moved.advance(5.0 + 3.0 * iterations)
        return ()

    def step(_: NoWork) -> int:
        moved.advance(1.0)
        return 1

    monkeypatch.setattr(Throughput, "observe", observe)
    monkeypatch.setattr(NoWork, "step", step)
    return moved


def test_what_is_added_to_calls_and_to_slices_is_told_apart(clock: FakeClock) -> None:
    cost = harness.measure(0.0, calls=10, clock=clock)
    assert cost.per_call.value == pytest.approx(2.0)
    assert cost.per_slice.value == pytest.approx(5.0)
    assert cost.per_call.low == pytest.approx(2.0)
    assert cost.per_call.high == pytest.approx(2.0)


def test_rounds_go_on_until_time_is_up_and_are_never_fewer_than_six(clock: FakeClock) -> None:
    round_ = 10 + (5 + 30) + (5 + 3)
    assert harness.measure(0.0, calls=10, clock=clock).per_call.n == 6
    assert harness.measure(9.5 * round_, calls=10, clock=clock).per_call.n == 10


def test_a_slice_has_as_many_calls_as_fit_into_it_and_at_least_one() -> None:
    estimate = partial(Estimate, low=None, high=None, n=6, basis="")
    cost = HarnessCost(per_call=estimate(value=1e-6), per_slice=estimate(value=1e-4))
    assert cost.share(0.001, 0.2) == pytest.approx((1e-6 + 1e-4 / 200) / 0.001)
    assert cost.share(1.0, 0.2) == pytest.approx(1e-6 + 1e-4)


def test_measuring_costs_microseconds_here() -> None:
    cost = harness.measure(0.02, calls=200)
    assert cost.per_call.value < 1e-3
    assert cost.per_slice.value < 0.1

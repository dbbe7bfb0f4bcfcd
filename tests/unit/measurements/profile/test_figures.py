"""Shares and overheads from slices with bare, timed and profiled calls."""

from collections.abc import Sequence

import pytest

from embprof.interface.conclusions import conclude
from embprof.interface.subjects import subject
from embprof.model import Estimate, Samples, Slice

PROFILE = subject("embprof.measurements.profile.Profile")


def piece(*, restart: int = 0, speed: float = 1.0, count: int = 4, **ms: float) -> Slice:
    """A slice of 10 ms bare calls, with calls of other kinds of so many ms."""
    bare = Samples(name="call_time", unit="s", better="lower", values=(0.010 * speed,) * count)
    others = [
        Samples(name=name, unit="ms", better="lower", values=(value * speed,) * count)
        for name, value in ms.items()
    ]
    return Slice(restart=restart, warmup=False, started=0.0, seconds=1.0, samples=(bare, *others))


def estimates(slices: Sequence[Slice]) -> dict[str, Estimate]:
    found = conclude(slices, [PROFILE]).figures
    return {figure.name: figure.estimate for figure in found if figure.estimate is not None}


def test_a_share_is_of_the_timed_calls() -> None:
    found = estimates([piece(staged_call=11.0, stage_forward=8.8, stage_other=2.2)] * 3)
    assert found["stage_forward_percent"].value == pytest.approx(80.0)
    assert found["stage_other_percent"].value == pytest.approx(20.0)


def test_a_share_of_many_calls_has_an_interval_and_that_of_few_has_none() -> None:
    many = estimates([piece(count=20, staged_call=10.0, stage_a=5.0 + n / 10) for n in range(10)])
    few = estimates([piece(count=2, staged_call=10.0, stage_a=5.0)] * 5)
    low, high = many["stage_a_percent"].low, many["stage_a_percent"].high
    assert low is not None
    assert high is not None
    assert low < many["stage_a_percent"].value < high
    assert few["stage_a_percent"].low is None


def test_a_stage_that_did_not_happen_has_no_share() -> None:
    found = estimates([piece(staged_call=10.0, stage_a=10.0, stage_b=0.0)] * 2)
    assert found["stage_b_percent"].value == 0.0


def test_an_overhead_is_judged_slice_by_slice_whatever_the_speed_of_each() -> None:
    slices = [
        piece(speed=speed, staged_call=11.0, stage_a=11.0, profiled_call=12.0)
        for speed in (1.0, 3.0, 1.5, 2.0)
    ]
    found = estimates(slices)
    timer, profiler = found["stage_timer_overhead_percent"], found["profiler_overhead_percent"]
    assert timer.value == pytest.approx(10.0)
    assert profiler.value == pytest.approx(20.0)
    assert profiler.low == pytest.approx(20.0)
    assert profiler.basis == "slices of one process"


def test_what_cannot_be_told_from_nothing_has_an_interval_around_it() -> None:
    slices = [piece(profiled_call=ms) for ms in (9.0, 11.0, 9.5, 10.5)]
    estimate = estimates(slices)["profiler_overhead_percent"]
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.low < 0 < estimate.high


def test_a_single_slice_has_no_interval() -> None:
    estimate = estimates([piece(profiled_call=11.0)])["profiler_overhead_percent"]
    assert (estimate.low, estimate.high) == (None, None)


def test_of_several_restarts_each_counts_once() -> None:
    slices = [piece(restart=0, profiled_call=11.0)] * 5 + [piece(restart=1, profiled_call=12.1)]
    estimate = estimates(slices)["profiler_overhead_percent"]
    assert estimate.n == 2
    assert estimate.value == pytest.approx(15.37, abs=0.05)  # the geometric mean of 10 and 21

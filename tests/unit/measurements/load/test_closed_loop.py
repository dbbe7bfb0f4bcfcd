"""What a closed loop reads of each slice, on a clock that only the workload moves."""

from collections.abc import Iterator, Sequence

import pytest

from embprof.errors import CallFailedError
from embprof.interface.conclusions import conclude
from embprof.interface.figures import figures
from embprof.interface.subjects import subject
from embprof.measurements.load.closed_loop import ClosedLoop
from embprof.model import Samples, Slice
from embprof.testing import FakeClock

CLOSED_LOOP = subject("embprof.measurements.closed_loop.ClosedLoop")


class Service:
    """Calls take these seconds in turn; None fails after a second."""

    items = "texts"

    def __init__(self, clock: FakeClock, seconds: Iterator[float | None]) -> None:
        self.clock = clock
        self.seconds = seconds
        self.prepared = 0

    def load(self) -> None: ...

    def prepare(self, steps: int) -> None:
        self.prepared = steps

    def step(self) -> int:
        taken = next(self.seconds)
        self.clock.advance(1.0 if taken is None else taken)
        if taken is None:
            raise CallFailedError("timeout", "no answer")
        return 4

    def counts(self) -> dict[str, float]:
        return {"tokens": 9.0}

    def close(self) -> None: ...


def observed(
    seconds: Sequence[float | None], calls: int, target: float | None = None
) -> tuple[dict[str, Samples], ClosedLoop]:
    clock = FakeClock()
    service = Service(clock, iter(seconds))
    measurement = ClosedLoop(
        concurrency=1, latency_target_ms=target, clock=clock, cpu_clock=lambda: clock() / 2
    )
    measurement.open(service)
    read = {one.name: one for one in measurement.observe(calls)}
    assert service.prepared == calls + 2
    assert measurement.close() == ()
    return read, measurement


def test_rounds_are_first_and_have_the_items_of_their_calls() -> None:
    read, _ = observed([0.25] * 5, 4)
    assert next(iter(read)) == "round_time"
    assert read["round_time"].values == pytest.approx((0.25,) * 4)
    assert read["round_time"].items == (4,) * 4
    assert read["service_time"].values == pytest.approx((0.25,) * 4)
    assert "call_failed" not in read
    assert "call_good" not in read
    assert "tokens" not in read


def test_time_of_the_slice_has_the_first_call_too_and_cpu_time_is_beside_it() -> None:
    read, _ = observed([0.25] * 5, 4)
    assert read["window"].values == pytest.approx((1.25,))
    assert read["cpu_time"].values == pytest.approx((0.625,))
    assert read["caller_gap"].values == pytest.approx((0.0,))


def test_calls_within_the_target_are_good() -> None:
    read, _ = observed([0.1, 0.1, 0.3, 0.2], 3, target=200)
    assert read["call_good"].values == (1.0, 0.0, 1.0)


def test_calls_that_fail_are_told_and_their_round_goes_on() -> None:
    read, measurement = observed([0.25, 0.25, None, 0.25], 3, target=2000)
    assert read["call_failed"].values == (0.0, 2.0, 0.0)
    assert read["call_good"].values == (1.0, 0.0, 1.0)
    assert read["round_time"].values == pytest.approx((0.25, 1.25))
    assert measurement.description() == {"first_failure": "no answer"}


def test_figures_of_a_slice_are_those_of_its_calls() -> None:
    read, _ = observed([0.25] * 401, 400, target=300)
    piece = Slice(restart=0, warmup=False, started=0.0, seconds=100.0, samples=tuple(read.values()))
    every = [
        *figures([piece], "texts", CLOSED_LOOP.account.supporting),
        *conclude([piece], [CLOSED_LOOP]).figures,
    ]
    found = {one.name: one.estimate.value for one in every if one.estimate is not None}
    assert next(iter(found)) == "throughput_texts_per_s"
    assert found["throughput_texts_per_s"] == pytest.approx(16)
    assert found["latency_p99_ms"] == pytest.approx(250)
    assert found["calls_per_s"] == pytest.approx(4)
    assert found["goodput_calls_per_s"] == pytest.approx(4)
    assert found["good_percent"] == 100
    assert (found["calls"], found["errors"], found["timeouts"]) == (400, 0, 0)
    assert found["caller_gap_percent"] == pytest.approx(0, abs=1e-9)


def test_a_stall_is_one_slow_call_to_who_waits() -> None:
    """The lesson of coordinated omission: nobody asked while the server stood still."""
    read, _ = observed([0.01] * 500 + [1.0] + [0.01] * 500, 1000)
    slow = [value for value in read["service_time"].values if value > 0.02]
    assert slow == pytest.approx([1.0])
    piece = Slice(restart=0, warmup=False, started=0.0, seconds=11.0, samples=tuple(read.values()))
    found = {one.name: one.estimate for one in conclude([piece], [CLOSED_LOOP]).figures}
    p99 = found["latency_p99_ms"]
    assert p99 is not None
    assert p99.value == pytest.approx(10)

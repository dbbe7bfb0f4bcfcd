"""Warm-up, slices and stopping, against a source of known pace and a clock that only it moves."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from embprof.model import Samples, Slice
from embprof.sampling.messages import Observed
from embprof.sampling.sampler import LARGEST_SLICE, Sampled, Sampler
from embprof.sampling.schedule import Schedule, Stop
from embprof.testing import FakeClock

Pace = Callable[[int], float]


class Source:
    """Iteration number n takes ``pace(n)`` seconds of the fake clock."""

    def __init__(self, pace: Pace) -> None:
        self.clock = FakeClock(now=100.0)
        self.pace = pace
        self.asked: list[int] = []

    def observe(self, iterations: int) -> Observed:
        first, started = sum(self.asked), self.clock()
        self.asked.append(iterations)
        seconds = tuple(self.pace(first + n) for n in range(iterations))
        self.clock.advance(sum(seconds))
        calls = Samples(
            name="call_time", unit="s", better="lower", values=seconds, items=(8,) * iterations
        )
        return Observed(started=started, seconds=sum(seconds), samples=(calls,))


RNG = random.Random(7)
NOISE = tuple(RNG.gauss(0, 1) for _ in range(4096))


def steady(seconds: float = 0.05, noise: float = 0.01) -> Pace:
    return lambda n: seconds * math.exp(noise * NOISE[n % len(NOISE)])


def slowing(seconds: float = 0.05) -> Pace:
    return lambda n: seconds * 1.05**n


def schedule(**changes: Any) -> Schedule:
    fields: dict[str, Any] = {
        "iterations": None,
        "precision": 0.02,
        "max_seconds": 20.0,
        "more_seconds": 20.0,
        "slice_seconds": 0.2,
        "warmup_iterations": 0,
        "warmup_seconds": 0.0,
        "warmup_max_seconds": 15.0,
    }
    return Schedule(**{**fields, **changes})


def sample(source: Source, protocol: Schedule, restart: int = 0) -> tuple[Sampled, list[Slice]]:
    kept: list[Slice] = []
    sampled = Sampler(source, protocol, restart=restart, keep=kept.append).run()
    return sampled, kept


def calls(kept: list[Slice], *, warmup: bool) -> list[float]:
    return [t for piece in kept if piece.warmup == warmup for t in piece.values("call_time")]


@pytest.mark.parametrize(
    ("changes", "expected", "stop"),
    [
        ({"iterations": 40}, 72, Stop.ITERATIONS),
        ({"iterations": 100}, 100, Stop.ITERATIONS),
        ({"iterations": 40, "more_seconds": 2.5}, 52, Stop.ITERATIONS),
        ({"iterations": 40, "more_seconds": 0.0}, 40, Stop.ITERATIONS),
        ({"precision": 0.5}, 100, Stop.PRECISE),
    ],
)
def test_it_goes_on_for_a_figure_that_takes_more_calls(
    changes: dict[str, Any], expected: int, stop: Stop
) -> None:
    kept: list[Slice] = []
    sampler = Sampler(
        Source(steady(noise=0.0)),
        schedule(**changes),
        restart=0,
        keep=kept.append,
        wants_more=lambda: len(calls(kept, warmup=False)) < 72,
    )
    assert sampler.run().stop == stop
    assert len(calls(kept, warmup=False)) == pytest.approx(expected, abs=4)


def test_without_warm_up_every_slice_is_measured() -> None:
    sampled, kept = sample(Source(steady()), schedule())
    assert sampled.steady is None
    assert not any(piece.warmup for piece in kept)


@pytest.mark.parametrize("iterations", [1, 3, 10, 500])
def test_warm_up_does_its_least_number_of_calls(iterations: int) -> None:
    sampled, kept = sample(Source(steady()), schedule(warmup_iterations=iterations, iterations=1))
    assert len(calls(kept, warmup=True)) >= max(iterations, 7)
    assert sampled.steady is True


@pytest.mark.parametrize("seconds", [0.5, 2.0, 5.0])
def test_warm_up_takes_its_least_seconds(seconds: float) -> None:
    _, kept = sample(Source(steady()), schedule(warmup_seconds=seconds, iterations=1))
    assert sum(calls(kept, warmup=True)) >= seconds
    assert sum(calls(kept, warmup=True)) <= seconds + 0.5


def test_warm_up_ends_once_its_last_half_is_steady() -> None:
    def cold_then_steady(n: int) -> float:
        return 1.0 - 0.08 * n if n < 12 else steady()(n)

    sampled, kept = sample(Source(cold_then_steady), schedule(warmup_iterations=3, iterations=1))
    assert sampled.steady is True
    assert len(calls(kept, warmup=True)) > 12
    assert sum(calls(kept, warmup=True)) < 15.0


def test_warm_up_that_is_never_steady_ends_at_its_bound_and_says_so() -> None:
    protocol = schedule(warmup_iterations=3, warmup_max_seconds=4.0, iterations=1)
    sampled, kept = sample(Source(slowing()), protocol)
    assert sampled.steady is False
    assert sum(calls(kept, warmup=True)) >= 4.0


def test_warm_up_too_short_to_tell_says_neither() -> None:
    protocol = schedule(warmup_iterations=1, warmup_max_seconds=4.0, iterations=1)
    sampled, kept = sample(Source(steady(2.1)), protocol)
    assert sampled.steady is None
    assert len(calls(kept, warmup=True)) == 2


def test_warm_up_alone_never_runs_far_beyond_its_number_of_calls() -> None:
    protocol = schedule(warmup_iterations=10, iterations=1, slice_seconds=60.0)
    source = Source(steady(0.001))
    sample(source, protocol)
    assert source.asked[:2] == [1, 9]


@pytest.mark.parametrize("iterations", [1, 2, 5, 100, 1001])
def test_a_number_of_iterations_is_met_exactly(iterations: int) -> None:
    source = Source(steady())
    protocol = schedule(iterations=iterations, max_seconds=10_000, warmup_iterations=3)
    sampled, kept = sample(source, protocol)
    assert len(calls(kept, warmup=False)) == iterations
    assert sampled.stop == Stop.ITERATIONS
    assert sum(source.asked) == len(calls(kept, warmup=True)) + iterations


def test_a_number_of_iterations_is_not_cut_short_by_precision() -> None:
    sampled, kept = sample(Source(steady(noise=1e-6)), schedule(iterations=300, precision=0.9))
    assert (len(calls(kept, warmup=False)), sampled.stop) == (300, Stop.ITERATIONS)


def test_max_seconds_ends_a_number_of_iterations_that_takes_too_long() -> None:
    sampled, kept = sample(Source(steady(1.0)), schedule(iterations=1000, max_seconds=10.0))
    assert sampled.stop == Stop.MAX_SECONDS
    assert 10.0 <= sum(calls(kept, warmup=False)) < 12.0


def test_measuring_stops_when_it_is_precise_and_not_before_100_readings() -> None:
    sampled, kept = sample(Source(steady(noise=0.01)), schedule())
    assert sampled.stop == Stop.PRECISE
    assert 100 <= len(calls(kept, warmup=False)) < 130


def test_noisier_readings_take_more_of_them() -> None:
    protocol = schedule(max_seconds=1000.0)
    few = calls(sample(Source(steady(noise=0.01)), protocol)[1], warmup=False)
    many = calls(sample(Source(steady(noise=0.2)), protocol)[1], warmup=False)
    assert len(many) > 2 * len(few)


def test_measuring_stops_at_max_seconds_when_it_is_not_precise() -> None:
    sampled, kept = sample(Source(steady(noise=0.3)), schedule(precision=0.001))
    assert sampled.stop == Stop.MAX_SECONDS
    assert 20.0 <= sum(calls(kept, warmup=False)) <= 20.5


def test_slices_fill_slice_seconds() -> None:
    source = Source(lambda _: 0.0125)
    sample(source, schedule(slice_seconds=0.2))
    assert source.asked[0] == 1
    assert set(source.asked[1:]) == {16}


def test_slices_follow_a_change_of_pace() -> None:
    source = Source(lambda n: 0.1 if n < 3 else 0.01)
    sample(source, schedule(slice_seconds=0.2, iterations=100))
    assert source.asked[:3] == [1, 2, 2]
    assert 20 in source.asked


def test_a_call_longer_than_a_slice_is_a_slice_of_its_own() -> None:
    source = Source(steady(1.5))
    sample(source, schedule(iterations=5))
    assert source.asked == [1] * 5


def test_no_slice_is_larger_than_the_largest_however_short_the_calls() -> None:
    source = Source(lambda _: 1e-9)
    sample(source, schedule(iterations=150_000))
    assert max(source.asked) == LARGEST_SLICE


def test_slices_are_kept_in_order_and_warm_up_ones_marked() -> None:
    protocol = schedule(warmup_iterations=20, iterations=30)
    _, kept = sample(Source(steady()), protocol, restart=2)
    assert [piece.started for piece in kept] == sorted(piece.started for piece in kept)
    assert [piece.warmup for piece in kept] == sorted((p.warmup for p in kept), reverse=True)
    assert {piece.restart for piece in kept} == {2}
    assert {piece.warmup for piece in kept} == {True, False}


def test_measuring_is_announced_once_between_warm_up_and_the_first_measured_slice() -> None:
    happened: list[str] = []

    def keep(piece: Slice) -> None:
        happened.append("warm-up" if piece.warmup else "measured")

    def measuring() -> None:
        happened.append("announced")

    protocol = schedule(warmup_iterations=10, iterations=20)
    Sampler(Source(steady()), protocol, restart=0, keep=keep).run(measuring)
    assert happened.count("announced") == 1
    before, after = (
        happened[: happened.index("announced")],
        happened[happened.index("announced") + 1 :],
    )
    assert set(before) == {"warm-up"}
    assert set(after) == {"measured"}


def test_a_quantity_without_items_counts_one_item_a_reading() -> None:
    class Memory(Source):
        def observe(self, iterations: int) -> Observed:
            observed = super().observe(iterations)
            calls = observed.samples[0]
            plain = Samples(name="load", unit="s", better="lower", values=calls.values)
            return Observed(started=observed.started, seconds=observed.seconds, samples=(plain,))

    sampled, _ = sample(Memory(steady()), schedule())
    assert sampled.stop == Stop.PRECISE


def config(**changes: Any) -> dict[str, Any]:
    return {
        "iterations": 7,
        "doubling": False,
        "precision": 0.02,
        "max_seconds": 20,
        "slice_seconds": 0.2,
        "restarts": 1,
        "measurement": {},
        "warmup": {"iterations": 3, "seconds": 0.5, "max_seconds": 15},
        **changes,
    }


def test_the_schedule_of_one_restart_is_the_configurations() -> None:
    assert Schedule.of(config()) == schedule(
        iterations=7, max_seconds=20, warmup_iterations=3, warmup_seconds=0.5, warmup_max_seconds=15
    )


def test_a_number_of_iterations_has_no_bound_of_time_unless_one_is_given() -> None:
    assert Schedule.of(config(max_seconds=None, restarts=2)).max_seconds == float("inf")
    assert Schedule.of(config(max_seconds=None, iterations=None)).max_seconds == 20.0


def test_restarts_divide_the_time_and_may_each_be_less_precise() -> None:
    share = Schedule.of(config(restarts=4))
    assert (share.max_seconds, share.precision) == (5.0, 0.04)
    assert (share.iterations, share.warmup_iterations, share.warmup_max_seconds) == (7, 3, 15)


def test_where_restarts_double_each_makes_twice_the_calls_of_the_one_before() -> None:
    calls = [Schedule.of(config(doubling=True), restart).iterations for restart in range(3)]
    assert calls == [7, 14, 28]
    assert Schedule.of(config(iterations=None, doubling=True), 1).iterations is None


def test_a_measurement_with_a_duration_goes_on_for_so_long_whatever_else_would_end_it() -> None:
    asked = Schedule.of(config(measurement={"duration": "2min"}))
    assert (asked.iterations, asked.precision, asked.max_seconds) == (None, None, 120.0)


def test_without_a_precision_only_time_ends_measuring() -> None:
    sampled, kept = sample(Source(steady(0.05, 0.0)), schedule(precision=None, max_seconds=60.0))
    assert sampled.stop == Stop.MAX_SECONDS
    assert sum(calls(kept, warmup=False)) >= 60.0


@pytest.mark.parametrize(
    ("iterations", "seconds", "has"), [(0, 0.0, False), (1, 0.0, True), (0, 0.1, True)]
)
def test_there_is_warm_up_when_calls_or_seconds_are_asked_for(
    *, iterations: int, seconds: float, has: bool
) -> None:
    assert schedule(warmup_iterations=iterations, warmup_seconds=seconds).has_warmup is has

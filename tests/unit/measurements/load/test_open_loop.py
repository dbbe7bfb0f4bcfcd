"""Open loops on a clock that only waiting and calling move: queues of theory, and stalls.

With one caller the pool is a server with a queue before it: M/D/1 where calls take a constant time,
M/M/1 where it is exponential. What is compared is exact but for the arrivals that the seed drew.
"""

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from embprof.errors import CallFailedError
from embprof.interface import conclusions
from embprof.interface.conclusion import Conclusion
from embprof.interface.subjects import subject
from embprof.measurements.load.arrivals import poisson
from embprof.measurements.load.open_loop import OpenLoop
from embprof.model import Samples, Slice
from embprof.testing import FakeClock

RATE = 50.0
D = 0.01
OPEN_LOOP = subject("embprof.measurements.open_loop.OpenLoop")


def conclude(slices: Sequence[Slice]) -> Conclusion:
    return conclusions.conclude(slices, [OPEN_LOOP])


class Service:
    """Each call takes what ``seconds`` says of its number; below zero it fails after that."""

    items = "texts"

    def __init__(self, clock: FakeClock, seconds: Callable[[int], float]) -> None:
        self.clock, self.seconds = clock, seconds
        self.calls = self.prepared = 0

    def load(self) -> None: ...

    def prepare(self, steps: int) -> None:
        self.prepared = steps

    def step(self) -> int:
        taken = self.seconds(self.calls)
        self.calls += 1
        self.clock.advance(abs(taken))
        if taken < 0:
            raise CallFailedError("timeout", "no answer in time")
        return 2

    def close(self) -> None: ...


def slices(
    seconds: Callable[[int], float],
    calls: Sequence[int],
    *,
    rate: float = RATE,
    target: float | None = None,
    seed: int = 1,
) -> list[Slice]:
    clock = FakeClock()
    measurement = OpenLoop(
        rate=rate,
        duration="10s",
        seed=seed,
        max_in_flight=1,
        latency_target_ms=target,
        clock=clock,
        cpu_clock=clock,
        wait=lambda _, left: clock.advance(left),
    )
    measurement.open(Service(clock, seconds))
    found = [measurement.observe(count) for count in calls]
    assert measurement.close() == ()
    return [
        Slice(restart=0, warmup=False, started=0.0, seconds=1.0, samples=tuple(read))
        for read in found
    ]


def values(pieces: Sequence[Slice], name: str) -> list[float]:
    return [value for piece in pieces for value in piece.values(name)]


def lindley(gaps: Sequence[float], services: Sequence[float]) -> list[float]:
    """Response times of a queue of one server by its recursion: what a call finds, it waits."""
    free_at = due = 0.0
    found = []
    for gap, service in zip(gaps, services, strict=True):
        due += gap
        free_at = max(due, free_at) + service
        found.append(free_at - due)
    return found


def figure(concluded: Conclusion, name: str) -> float:
    estimate = next(one for one in concluded.figures if one.name == name).estimate
    assert estimate is not None, name
    return estimate.value


def test_response_times_are_those_of_the_queue_exactly() -> None:
    rng = random.Random(2)
    drawn = [rng.expovariate(1 / D) for _ in range(10_000)]
    pieces = slices(lambda number: drawn[number], [500, 1, 1499])
    gaps = values(pieces, "gap")
    assert values(pieces, "response_time") == pytest.approx(lindley(gaps, drawn[:2000]))
    assert values(pieces, "service_time") == pytest.approx(drawn[:2000])


def test_arrivals_go_on_from_slice_to_slice() -> None:
    whole = slices(lambda _: D, [900])
    parts = slices(lambda _: D, [1, 399, 500])
    for name in ("gap", "response_time", "in_system"):
        assert values(parts, name) == pytest.approx(values(whole, name))
    due = np.cumsum(values(whole, "gap"))
    drawn = poisson(RATE, seed=1)
    assert due == pytest.approx([next(drawn) for _ in range(900)])


@pytest.mark.parametrize("load", [0.3, 0.5, 0.7])
def test_constant_service_times_have_the_mean_response_of_m_d_1(load: float) -> None:
    """Pollaczek and Khinchine: D + load D / (2 (1 - load)); mean over seeds, for one is luck."""
    found = [
        np.mean(values(slices(lambda _: D, [4000], rate=load / D, seed=seed), "response_time"))
        for seed in range(5)
    ]
    assert np.mean(found) == pytest.approx(D + load * D / (2 * (1 - load)), rel=0.06)


def test_exponential_service_times_have_the_percentiles_of_m_m_1() -> None:
    load = 0.5
    responses: list[float] = []
    for seed in range(5):
        rng = random.Random(100 + seed)
        drawn = [rng.expovariate(1 / D) for _ in range(40_000)]

        def service(number: int, drawn: list[float] = drawn) -> float:
            return drawn[number % len(drawn)]

        responses += values(slices(service, [4000], rate=load / D, seed=seed), "response_time")
    for q in (0.5, 0.95, 0.99):
        expected = -np.log(1 - q) * D / (1 - load)
        assert np.quantile(responses, q) == pytest.approx(expected, rel=0.12)


def test_a_stall_of_a_second_is_seen_by_all_who_came_meanwhile() -> None:
    """As the closed loop's test of this name is not: there it is one slow call."""
    stalled = slices(lambda number: 1.0 if number == 500 else D, [1000], target=100)
    slow = [value for value in values(stalled, "response_time") if value > 0.1]
    assert len(slow) > 50, "who was due while nobody answered has waited"
    concluded = conclude(stalled)
    assert figure(concluded, "response_p99_ms") > 800
    assert figure(concluded, "latency_p99_ms") == pytest.approx(1e3 * D)
    assert figure(concluded, "good_percent") < 95
    assert concluded.outcomes == {"load": "kept", "generator": "kept_up"}


def test_a_rate_that_cannot_be_done_is_an_overload_and_its_backlog_is_told() -> None:
    concluded = conclude(slices(lambda _: D, [1000], rate=1.3 / D))
    assert concluded.outcomes["load"] == "overloaded"
    assert figure(concluded, "offered_calls_per_s") == pytest.approx(130, rel=0.1)
    assert figure(concluded, "answered_calls_per_s") == pytest.approx(100, rel=0.01)
    assert figure(concluded, "in_system_max") == pytest.approx(1000 * (1 - 1 / 1.3), rel=0.2)
    assert figure(concluded, "waited_percent") > 90


def test_calls_that_fail_are_counted_and_percentiles_know_of_them() -> None:
    concluded = conclude(slices(lambda number: -D if number % 20 == 7 else D, [800], target=500))
    assert figure(concluded, "timeouts") == 40
    assert figure(concluded, "errors") == 0
    assert figure(concluded, "error_percent") == pytest.approx(5)
    assert figure(concluded, "good_percent") == pytest.approx(95)
    p99 = next(one for one in concluded.figures if one.name == "response_p99_ms")
    assert p99.estimate is None
    assert p99.note == "n/a (5 % of calls failed)"
    assert figure(concluded, "response_p50_ms") >= 1e3 * D


def test_how_many_are_in_the_system_is_what_each_finds_when_it_is_due() -> None:
    pieces = slices(lambda number: 0.5 if number == 0 else 1e-6, [20])
    due = np.cumsum(values(pieces, "gap"))
    ended = due + values(pieces, "response_time")
    expected = [int(np.sum(ended[:number] > at)) for number, at in enumerate(due)]
    assert values(pieces, "in_system") == expected
    assert max(expected) > 5


def test_inputs_are_made_before_anybody_calls() -> None:
    clock = FakeClock()
    service = Service(clock, lambda _: D)
    measurement = OpenLoop(rate=100, duration="10s", max_in_flight=5, clock=clock)
    measurement.open(service)
    assert service.calls == 0
    assert service.prepared == 1205
    measurement.close()


def test_what_a_failed_call_said_is_kept() -> None:
    clock = FakeClock()
    measurement = OpenLoop(
        rate=100,
        duration=1,
        max_in_flight=1,
        clock=clock,
        wait=lambda _, left: clock.advance(left),
    )
    measurement.open(Service(clock, lambda _: -D))
    read: dict[str, Samples] = {one.name: one for one in measurement.observe(3)}
    measurement.close()
    assert measurement.description() == {"first_failure": "no answer in time"}
    assert read["call_failed"].values == (2.0,) * 3
    assert read["response_time"].items == (0,) * 3


def test_a_duration_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="duration=soon"):
        OpenLoop(rate=1, duration="soon")

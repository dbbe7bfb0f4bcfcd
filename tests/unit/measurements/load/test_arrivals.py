"""Arrivals are met in order, at most so many at once, and say why they began late."""

import itertools
import statistics
import threading
import time

import pytest

from embprof.errors import CallFailedError
from embprof.measurements.load.arrivals import Arrivals, Met, poisson
from embprof.measurements.load.calls import Ending
from embprof.testing import FakeClock

AT_ONCE = itertools.repeat(0.0)
"""A schedule of calls that are all due now."""


def test_arrivals_of_a_seed_are_the_same_and_as_many_as_the_rate_says() -> None:
    first = list(itertools.islice(poisson(50.0, seed=1), 20_000))
    again = list(itertools.islice(poisson(50.0, seed=1), 20_000))
    other = list(itertools.islice(poisson(50.0, seed=2), 20_000))
    assert first == again != other
    assert first[0] == 1 / 50
    assert len(first) / first[-1] == pytest.approx(50, rel=0.03)


def test_gaps_are_exponential_so_their_spread_is_their_mean() -> None:
    due = list(itertools.islice(poisson(10.0, seed=3), 20_000))
    gaps = [after - before for before, after in itertools.pairwise(due)]
    assert statistics.stdev(gaps) == pytest.approx(statistics.fmean(gaps), rel=0.03)
    assert sum(gap > 0.1 for gap in gaps) / len(gaps) == pytest.approx(0.3679, abs=0.015)


class Gate:
    """A step that waits until the gate is open, and counts who is in it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.open = threading.Event()
        self.inside = self.most = 0

    def __call__(self) -> int:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.open.wait()
        with self.lock:
            self.inside -= 1
        return 1

    def wait_for(self, inside: int) -> None:
        patience = time.monotonic() + 10
        while self.inside != inside:
            assert time.monotonic() < patience, f"{self.inside} are inside, not {inside}"
            time.sleep(0.001)


def test_no_more_are_under_way_than_allowed_and_the_others_wait_for_a_caller() -> None:
    gate = Gate()
    arrivals = Arrivals(gate, 3)
    arrivals.start(AT_ONCE)
    gate.wait_for(3)
    time.sleep(0.02)
    assert gate.inside == 3
    gate.open.set()
    found = arrivals.take(20)
    arrivals.close()
    assert gate.most == 3
    assert [met.had_caller for met in found[:3]] == [True] * 3
    assert not any(met.had_caller for met in found[3:20])


def test_arrivals_are_given_in_the_order_in_which_they_were_due() -> None:
    turn = itertools.count()

    def step() -> int:
        number = next(turn)
        time.sleep(0.02 if number % 5 == 0 else 0)
        return number + 1

    arrivals = Arrivals(step, 8)
    origin = arrivals.start(at / 1000 for at in itertools.count())
    found = [*arrivals.take(10), *arrivals.take(15)]
    arrivals.close()
    assert [met.due - origin for met in found] == pytest.approx([at / 1000 for at in range(25)])
    assert all(met.call.started >= met.due for met in found)
    assert [met.response for met in found] == pytest.approx(
        [met.late + met.call.seconds for met in found]
    )


def test_few_callers_are_made_where_few_are_needed() -> None:
    clock, turn = FakeClock(), threading.Semaphore(0)

    def wait(stopped: threading.Event, left: float) -> None:
        while not turn.acquire(timeout=0.01) and not stopped.is_set():
            pass
        clock.advance(left)

    arrivals = Arrivals(lambda: 1, 64, clock=clock, wait=wait)
    arrivals.start(itertools.count(1))
    for _ in range(30):
        turn.release()
        arrivals.take(1)
        patience = time.monotonic() + 10
        while len(arrivals._idle) < len(arrivals._threads) - 1:  # but for who looks out
            assert time.monotonic() < patience
            time.sleep(0.0001)
    assert len(arrivals._threads) <= 3, "a caller that is free is taken before one is made"
    arrivals.close()
    assert not any(thread.is_alive() for thread in arrivals._threads)


def test_a_second_schedule_begins_when_nobody_is_under_way_any_more() -> None:
    arrivals = Arrivals(lambda: 1, 4)
    for _ in range(3):
        arrivals.start(AT_ONCE)
        assert len(arrivals.take(10)) == 10
        arrivals.stop()
        assert len(arrivals._idle) == len(arrivals._threads)
    arrivals.close()


def test_a_schedule_that_ends_is_met_to_its_end() -> None:
    arrivals = Arrivals(lambda: 1, 4)
    arrivals.start([0.0, 0.001, 0.002])
    assert len(arrivals.take(3)) == 3
    assert arrivals.known() == {}
    arrivals.close()


def test_calls_that_fail_are_met_too() -> None:
    def step() -> int:
        raise CallFailedError("timeout", "no answer")

    arrivals = Arrivals(step, 2)
    arrivals.start(AT_ONCE)
    found = arrivals.take(5)
    arrivals.close()
    assert {met.call.ending for met in found} == {Ending.TIMEOUT}
    assert not any(met.is_answered for met in found)


def test_a_fault_is_raised_for_who_takes_and_ends_the_schedule() -> None:
    def step() -> int:
        raise RuntimeError("on purpose")

    arrivals = Arrivals(step, 2)
    arrivals.start(AT_ONCE)
    with pytest.raises(RuntimeError, match="on purpose"):
        arrivals.take(5)
    with pytest.raises(RuntimeError, match="on purpose"):
        arrivals.known()
    arrivals.close()


def test_nothing_is_taken_before_a_schedule_was_started() -> None:
    with pytest.raises(RuntimeError, match="no schedule"):
        Arrivals(lambda: 1, 1).take(1)


def met_on_a_fake_clock(due: list[float], seconds: list[float]) -> list[Met]:
    """One caller, of whom a clock knows that only waiting and calling take time."""
    clock = FakeClock(now=100.0)
    services = iter(seconds)

    def step() -> int:
        clock.advance(next(services))
        return 1

    arrivals = Arrivals(step, 1, clock=clock, wait=lambda _, left: clock.advance(left))
    arrivals.start(due)
    found = arrivals.take(len(due))
    arrivals.close()
    return found


def test_response_runs_from_when_a_call_was_due_whoever_was_busy_then() -> None:
    found = met_on_a_fake_clock([1.0, 2.0, 5.0], [3.0, 0.5, 0.5])
    assert [met.due for met in found] == pytest.approx([101.0, 102.0, 105.0])
    assert [met.call.seconds for met in found] == pytest.approx([3.0, 0.5, 0.5])
    assert [met.response for met in found] == pytest.approx([3.0, 2.5, 0.5])
    assert [met.late for met in found] == pytest.approx([0.0, 2.0, 0.0])
    assert [met.had_caller for met in found] == [True, False, True]

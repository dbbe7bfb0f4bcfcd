"""What is known of a rate at a look, and what comes of tries of a server of known speed."""

import itertools
import threading
import time
from collections.abc import Mapping

import pytest

from embprof.errors import CallFailedError
from embprof.measurements.load.arrivals import Arrivals, Met
from embprof.measurements.load.calls import Call, Ending
from embprof.measurements.load.rate_search import LOOKS, Probe, Terms, judge, probe

TERMS = Terms(target=0.1, wanted=0.9, seconds=1.0)
RATE = 100.0


def met(due: float, response: float, *, late: float = 0.0, failed: bool = False) -> Met:
    ending = Ending.ERROR if failed else Ending.ANSWERED
    return Met(due, Call(due + late, due + response, 1, ending), had_caller=True)


def looked(calls: Mapping[int, Met], n: int, *, first: int = 0, may_be_kept: bool = True) -> Probe:
    due = [number / RATE for number in range(n)]
    return judge(due, calls, TERMS, RATE, first=first, may_be_kept=may_be_kept)


def all_met(n: int, response: float = 0.05) -> dict[int, Met]:
    return {number: met(number / RATE, response) for number in range(n)}


def test_a_try_is_50_targets_long_or_as_many_calls_as_the_share_takes() -> None:
    terms = Terms(target=0.2, wanted=0.99, seconds=None)
    assert terms.fewest == 536
    assert terms.length(1000.0) == pytest.approx(10.0)
    assert terms.length(10.0) == pytest.approx(53.6)
    assert Terms(target=0.2, wanted=0.99, seconds=30.0).length(1000.0) == 30.0


def test_calls_in_time_keep_the_rate() -> None:
    found = looked(all_met(500), 500)
    assert (found.word, found.calls, found.good) == ("kept", 500, 1.0)
    assert found.is_shown
    assert found.p95 == pytest.approx(0.05)


def test_before_the_full_length_nothing_is_kept() -> None:
    assert looked(all_met(500), 500, may_be_kept=False).word == "undecided"


def test_too_few_calls_decide_nothing() -> None:
    assert looked(all_met(20), 20).word == "undecided"
    assert looked({}, 0).word == "undecided"


def test_calls_that_are_late_miss_it_at_any_look() -> None:
    found = looked(all_met(500, response=0.2), 500, may_be_kept=False)
    assert (found.word, found.good) == ("missed", 0.0)


def test_calls_that_nobody_answered_yet_were_due_longer_ago_than_the_target() -> None:
    found = looked(all_met(250), 500)
    assert found.word == "missed"
    assert found.good == 0.5
    assert found.is_growing
    assert found.p95 is None


def test_calls_that_failed_are_not_good_however_quick() -> None:
    failed = {number: met(number / RATE, 0.001, failed=True) for number in range(0, 500, 5)}
    found = looked(all_met(500) | failed, 500)
    assert found.good == 0.8
    assert found.word == "missed"


def test_a_backlog_that_grows_keeps_nothing_though_all_were_in_time() -> None:
    """As long as the queue is shorter than the target: a longer try would have missed it."""
    terms = Terms(target=1.0, wanted=0.9, seconds=1.0)
    due = [number / RATE for number in range(500)]
    calls = {number: met(at, 0.001 + at / 5) for number, at in enumerate(due)}
    found = judge(due, calls, terms, RATE, first=0, may_be_kept=True)
    assert found.good == 1.0
    assert found.word == "missed"


def test_the_beginning_does_not_count() -> None:
    calls = all_met(600) | {number: met(number / RATE, 0.5) for number in range(100)}
    assert looked(calls, 600, first=100).good == 1.0


def test_a_generator_that_is_late_says_nothing_of_the_server() -> None:
    calls = all_met(500) | {number: met(number / RATE, 0.09, late=0.05) for number in range(50)}
    assert looked(calls, 500).word == "late"


def tried(step: object, rate: float, times: float = 1.0) -> tuple[Probe, list[Met]]:
    assert callable(step)
    arrivals = Arrivals(step, 8)
    terms = Terms(target=0.05, wanted=0.5, seconds=0.2)
    try:
        return probe(
            arrivals,
            terms,
            rate,
            times,
            seed=1,
            clock=time.perf_counter,
            wait=threading.Event.wait,
        )
    finally:
        arrivals.close()


def test_a_try_leaves_nobody_under_way_and_says_what_it_met() -> None:
    inside = itertools.count()
    found, calls = tried(lambda: next(inside) + 1, rate=200)
    assert found.rate == 200
    assert len(calls) >= found.calls > 0
    assert found.seconds >= 0.2 * LOOKS[0]


def test_a_server_that_fails_every_call_misses_every_rate() -> None:
    def step() -> int:
        raise CallFailedError("error", "on purpose")

    found, calls = tried(step, rate=200)
    assert found.word in ("missed", "late")  # late where the machine is busier than that
    assert found.good == 0.0
    assert {one.call.said for one in calls} == {"on purpose"}

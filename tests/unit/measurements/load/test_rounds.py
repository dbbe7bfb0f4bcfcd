"""Callers at once: what counts of a slice, and that its throughput is that of theory."""

import heapq
import random
import threading
import time
from collections.abc import Callable

import pytest

from embprof.errors import CallFailedError
from embprof.measurements.load.calls import Call, Ending
from embprof.measurements.load.rounds import FEWEST_TO_FAIL, Rounds, Window, rounds_of


def simulated(callers: int, rounds: int, answer: Callable[[float], float]) -> Window:
    """What ``callers`` see whose calls, begun at a time, end at ``answer(time)``, as Rounds has it.

    The first call of each does not count; then those count that begin first, and all go on until
    the last of them has ended.
    """
    wanted = callers * rounds
    counted: dict[int, tuple[Call, float]] = {}
    events: list[tuple[float, int, float, int | None]] = [
        (answer(0.0), caller, 0.0, None) for caller in range(callers)
    ]
    heapq.heapify(events)
    begun = 0
    while len(counted) < wanted:
        now, caller, started, number = heapq.heappop(events)
        if number is not None:
            counted[number] = Call(started, now, items=2), now - started
        following = begun if begun < wanted else None
        begun += following is not None
        heapq.heappush(events, (answer(now), caller, now, following))
    every = [counted[number] for number in range(wanted)]
    return Window(calls=[call for call, _ in every], cycles=[cycle for _, cycle in every])


def throughput(window: Window, callers: int) -> float:
    rounds = rounds_of(window, callers)
    return sum(one.items for one in rounds) / sum(one.seconds for one in rounds)


@pytest.mark.parametrize("callers", [1, 2, 7, 64])
@pytest.mark.parametrize("rounds", [1, 3, 20])
def test_one_server_that_does_one_call_at_a_time_is_saturated_by_any_number_of_callers(
    callers: int, rounds: int
) -> None:
    free_at = 0.0

    def first_come_first_served(now: float) -> float:
        nonlocal free_at
        free_at = max(now, free_at) + 0.25
        return free_at

    window = simulated(callers, rounds, first_come_first_served)
    assert throughput(window, callers) == pytest.approx(2 / 0.25)
    assert [call.seconds for call in window.calls] == pytest.approx(
        [callers * 0.25] * (callers * rounds)
    )


@pytest.mark.parametrize("callers", [1, 2, 7, 64])
@pytest.mark.parametrize("rounds", [1, 3, 20])
def test_a_server_of_any_width_does_as_many_calls_as_littles_law_has_it(
    callers: int, rounds: int
) -> None:
    window = simulated(callers, rounds, lambda now: now + 0.25)
    assert throughput(window, callers) == pytest.approx(callers * 2 / 0.25)


@pytest.mark.parametrize("rounds", [1, 4])
def test_callers_out_of_step_are_not_counted_short_for_their_last_calls(rounds: int) -> None:
    """Each has a rhythm of its own, so a slice ends in the middle of most calls."""
    rng = random.Random(1)
    cycles = []
    for _ in range(300):
        window = simulated(16, rounds, lambda now: now + rng.uniform(0.1, 0.4))
        cycles += window.cycles
    assert sum(cycles) / len(cycles) == pytest.approx(0.25, rel=0.01)


@pytest.mark.parametrize("rounds", [1, 4, 20])
def test_calls_that_hang_count_as_often_as_they_come_however_short_the_slice(rounds: int) -> None:
    """One call in ten takes a hundred times as long: those that end first are all quick ones."""
    rng = random.Random(2)
    cycles = []
    for _ in range(400):
        window = simulated(4, rounds, lambda now: now + (1.0 if rng.random() < 0.1 else 0.01))
        cycles += window.cycles
    assert sum(cycle > 0.5 for cycle in cycles) / len(cycles) == pytest.approx(0.1, rel=0.15)


def test_a_round_without_an_item_goes_on_until_one_is_done() -> None:
    failed = Call(0.0, 1.0, 0, Ending.ERROR, "on purpose")
    done = Call(0.0, 1.0, 3)
    window = Window(calls=[failed, failed, done, failed], cycles=[1.0, 1.0, 1.0, 1.0])
    (only,) = rounds_of(window, 1)
    assert (only.seconds, only.items) == (4.0, 3)
    (first, second) = rounds_of(Window(calls=[done, failed, done], cycles=[1.0, 1.0, 1.0]), 1)
    assert (first.seconds, second.seconds) == (1.0, 2.0)


def test_a_slice_in_which_every_call_failed_has_no_rate() -> None:
    late = Call(0.0, 1.0, 0, Ending.TIMEOUT, "no answer within timeout=1 s")
    with pytest.raises(CallFailedError, match=r"all 2 calls .* no answer within") as caught:
        rounds_of(Window(calls=[late, late], cycles=[1.0, 1.0]), 2)
    assert caught.value.kind == "timeout"


def test_a_workload_that_does_no_items_is_told_so() -> None:
    with pytest.raises(CallFailedError, match="none of the 1 calls of a slice did an item"):
        rounds_of(Window(calls=[Call(0.0, 1.0, 0)], cycles=[1.0]), 1)


class Counting:
    """A step that knows how many are in it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = self.most = self.calls = 0

    def __call__(self) -> int:
        with self.lock:
            self.inside += 1
            self.calls += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.001)
        with self.lock:
            self.inside -= 1
        return 1


def test_every_round_that_was_asked_for_counts_and_some_calls_around_them_do_not() -> None:
    step = Counting()
    rounds = Rounds(step, 4, time.perf_counter)
    window = rounds.run(5)
    rounds.close()
    assert len(window.calls) == len(window.cycles) == 20
    assert rounds.calls_of(5) == 28
    assert step.calls >= 24
    assert step.most == 4
    assert step.inside == 0
    assert len(rounds_of(window, 4)) == 5


def test_cycles_hold_the_call_and_what_was_lost_before_it() -> None:
    rounds = Rounds(Counting(), 3, time.perf_counter)
    window = rounds.run(4)
    rounds.close()
    for call, cycle in zip(window.calls, window.cycles, strict=True):
        assert cycle >= call.seconds > 0


def test_a_fault_of_one_caller_ends_the_slice_for_all_and_is_raised() -> None:
    calls = iter(range(1000))

    def step() -> int:
        if next(calls) == 10:
            raise RuntimeError("on purpose")
        return 1

    rounds = Rounds(step, 3, time.perf_counter)
    with pytest.raises(RuntimeError, match="on purpose"):
        rounds.run(100_000)
    rounds.close()


def test_a_slice_goes_on_until_a_call_is_answered_or_ten_have_failed() -> None:
    calls = iter(range(1000))

    def fails_at_first() -> int:
        if next(calls) < 9:
            raise CallFailedError("error", "on purpose")
        return 1

    rounds = Rounds(fails_at_first, 1, time.perf_counter)
    window = rounds.run(1)
    rounds.close()
    assert [call.items for call in window.calls] == [0, 0, 0, 0, 1]

    def fails() -> int:
        raise CallFailedError("error", "on purpose")

    rounds = Rounds(fails, 1, time.perf_counter)
    assert len(rounds.run(1).calls) == FEWEST_TO_FAIL
    rounds.close()


def test_a_call_that_fails_is_counted_and_the_next_is_made() -> None:
    calls = iter(range(1000))

    def step() -> int:
        if next(calls) % 2:
            raise CallFailedError("error", "on purpose")
        return 1

    rounds = Rounds(step, 1, time.perf_counter)
    window = rounds.run(6)
    rounds.close()
    endings = [call.ending for call in window.calls]
    assert endings.count(Ending.ERROR) == 3
    assert {call.said for call in window.calls if call.ending} == {"on purpose"}

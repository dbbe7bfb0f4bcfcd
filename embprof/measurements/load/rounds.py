"""Callers that call again as soon as they are answered, always as many at once.

A slice has a beginning and an end, and both would spoil it. At the beginning all callers call in
the same moment, and the first find a server with nothing to do; at the end those who are done early
leave the others alone with it. So every caller's first call does not count, and nobody stops before
the last call that counts has ended: of every call that counts, ``concurrency`` callers call all the
while. What is under way then is waited for, and does not count either.

Which calls count is decided when they begin, in that order, and not when they end: a slice that
took the first calls that end would never see one that hangs. With calls chosen by their beginnings
the mean of their times is that of all calls (Wald's identity, 1944), however long some last.

What is counted of a call is its *cycle*, from the end of its caller's call before to its own end:
service time and what the caller lost before. The throughput is callers over the mean cycle
(Little's law, 1961, of a closed loop in which nobody thinks). A round is as many calls as there are
callers; its seconds are the mean of their cycles. With 1 caller this is a bare loop.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from embprof.errors import CallFailedError
from embprof.interface.callers import Callers
from embprof.measurements.load.calls import Call, Ending, attempt, first_failure

FEWEST_TO_FAIL = 10
"""Calls in a row that all fail, after which a service is given up."""


@dataclass(kw_only=True)
class Window:
    """The calls that count, in the order of their beginnings, and the cycle of each in seconds."""

    calls: list[Call] = field(default_factory=list)
    cycles: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """``seconds`` in which all callers together did so many items."""

    seconds: float
    items: int


@dataclass(eq=False)
class Rounds:
    """``concurrency`` threads that stay; each slice of their calls is a window."""

    step: Callable[[], int]
    concurrency: int
    clock: Callable[[], float]

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._callers = Callers(self._keep_calling, self.concurrency)
        self._wanted = self._begun = 0
        self._is_over = False
        self._ended: dict[int, tuple[Call, float]] = {}

    def run(self, rounds: int) -> Window:
        """Calls until so many rounds count; raises what a step raised that is no failed call.

        Where none of their calls was answered there are more rounds, until one is or there were
        FEWEST_TO_FAIL: that the only call of a slice fails says little.
        """
        found = self._slice(rounds)
        while not any(call.items for call in found.calls) and len(found.calls) < FEWEST_TO_FAIL:
            more = self._slice(1)
            found = Window(calls=found.calls + more.calls, cycles=found.cycles + more.cycles)
        return found

    def _slice(self, rounds: int) -> Window:
        self._wanted, self._begun, self._is_over = rounds * self.concurrency, 0, False
        self._ended = {}
        self._callers.run(1)
        every = [self._ended[number] for number in range(self._wanted)]
        return Window(calls=[call for call, _ in every], cycles=[cycle for _, cycle in every])

    def calls_of(self, rounds: int) -> int:
        """About as many calls as so many rounds take, with those that do not count."""
        return (rounds + 2) * self.concurrency

    def close(self) -> None:
        """Ends the threads."""
        self._callers.close()

    def _keep_calling(self) -> int:
        """What each thread does in a window."""
        try:
            before = attempt(self.step, self.clock)
            while not self._is_over:
                number = self._begin()
                call = attempt(self.step, self.clock)
                if number is not None:
                    self._end(number, call, call.ended - before.ended)
                before = call
        except BaseException:
            self._is_over = True  # or the others would call for ever
            raise
        return 0

    def _begin(self) -> int | None:
        """The number of the next call that counts; None where it does not."""
        with self._lock:
            if self._begun == self._wanted:
                return None
            self._begun += 1
            return self._begun - 1

    def _end(self, number: int, call: Call, cycle: float) -> None:
        with self._lock:
            self._ended[number] = call, cycle
            self._is_over = len(self._ended) == self._wanted or self._is_over


def rounds_of(window: Window, concurrency: int) -> Sequence[Round]:
    """The window cut into rounds, each with an item at least.

    Where all the calls of a round failed it goes on until one does not: a rate needs something
    that was done. Raises CallFailedError if that never happens.
    """
    if not any(call.items for call in window.calls):
        raise _none_answered(window.calls)
    found: list[Round] = []
    cycles, items, calls = 0.0, 0, 0
    for call, cycle in zip(window.calls, window.cycles, strict=True):
        cycles, items, calls = cycles + cycle, items + call.items, calls + 1
        if calls >= concurrency and items:
            found.append(Round(seconds=cycles / concurrency, items=items))
            cycles, items, calls = 0.0, 0, 0
    if calls:  # the last rounds failed: their time is that of the round before
        last = found.pop()
        found.append(Round(seconds=last.seconds + cycles / concurrency, items=last.items))
    return found


def _none_answered(calls: Sequence[Call]) -> CallFailedError:
    reason = f"all {len(calls)} calls of a slice failed; the first: {first_failure(calls)}"
    if any(call.ending is Ending.ANSWERED for call in calls):
        reason = f"none of the {len(calls)} calls of a slice did an item"
    is_late = all(call.ending is Ending.TIMEOUT for call in calls)
    return CallFailedError("timeout" if is_late else "error", reason)

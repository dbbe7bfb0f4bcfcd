"""One call of a workload under load: when it began and ended, and whether it was answered.

Under load a call may fail and the next may not: that is a reading, not the end of the job. A
workload says so with :class:`embprof.errors.CallFailedError`; any other exception is a fault.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from embprof.errors import CallFailedError
from embprof.interface import steps
from embprof.interface.workload import Workload
from embprof.model import Samples


class Ending(IntEnum):
    """How a call ended, as it is kept among the readings."""

    ANSWERED = 0
    ERROR = 1
    TIMEOUT = 2


@dataclass(frozen=True, slots=True)
class Call:
    """``started`` and ``ended`` on the clock that was given; no items unless it was answered."""

    started: float
    ended: float
    items: int
    ending: Ending = Ending.ANSWERED
    said: str | None = None

    @property
    def seconds(self) -> float:
        """Service time."""
        return self.ended - self.started


def attempt(step: Callable[[], int], clock: Callable[[], float]) -> Call:
    """One call, however it ends; exceptions that are faults are passed on."""
    started = clock()
    try:
        items = step()
    except CallFailedError as error:
        ended = clock()
        ending = Ending.TIMEOUT if error.kind == "timeout" else Ending.ERROR
        return Call(started, ended, 0, ending, str(error))
    return Call(started, clock(), items)


def endings(
    calls: Sequence[Call], seconds: Sequence[float], target_ms: float | None
) -> Iterator[Samples]:
    """Whether each call was good, where there is a target, and how it ended, where one failed.

    A good call was answered within the target; ``seconds`` is what is judged.
    """
    if target_ms is not None:
        good = (
            call.ending is Ending.ANSWERED and taken <= target_ms / 1e3
            for call, taken in zip(calls, seconds, strict=True)
        )
        yield Samples.of("call_good", "1", *map(float, good))
    if any(call.ending is not Ending.ANSWERED for call in calls):
        yield Samples.of("call_failed", "1", *(float(call.ending) for call in calls))


def own_readings(workload: Workload) -> Sequence[Samples]:
    """What the workload reads of its calls; what it counts has no use under load."""
    steps.counts(workload)
    return steps.readings(workload)


def first_failure(calls: Iterable[Call]) -> str | None:
    """What the first call that failed had to say; None if none did."""
    return next((call.said for call in calls if call.said is not None), None)

"""One call of a workload under load: when it began and ended, and whether it was answered.

Under load a call may fail and the next may not: that is a reading, not the end of the job. A
workload says so with :class:`embprof.errors.CallFailedError`; any other exception is a fault.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from embprof.errors import CallFailedError
from embprof.model import Samples, Summary


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


def are_good(
    calls: Iterable[Call], seconds: Iterable[float], target_ms: float | None
) -> list[bool]:
    """Whether each call was answered within the target; ``seconds`` is what is judged."""
    bound = float("inf") if target_ms is None else target_ms / 1e3
    return [
        call.ending is Ending.ANSWERED and taken <= bound
        for call, taken in zip(calls, seconds, strict=True)
    ]


def first_failure(calls: Iterable[Call]) -> str | None:
    """What the first call that failed had to say; None if none did."""
    return next((call.said for call in calls if call.said is not None), None)


def per_call(name: str, unit: str, values: Sequence[float], items: Sequence[int] = ()) -> Samples:
    """A reading of each call, of which less is better."""
    return Samples(name=name, unit=unit, better="lower", values=tuple(values), items=tuple(items))


def per_slice(name: str, unit: str, value: float, summary: Summary = "total") -> Samples:
    """One reading of all the calls of a slice together."""
    return Samples(name=name, unit=unit, better="lower", values=(value,), summary=summary)

"""Time of a step told by its parts: a workload marks where each begins, marks become seconds.

A mark is a reading of a clock and nothing else; what it means is worked out when the step is over,
so that little is added to what is measured. Parts are contiguous or nested, so their seconds and
what is left over are the time of the step, exactly.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

INSIDE = "/"
"""Between a part and a part of it: ``forward/layer_0``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTime:
    """Seconds between beginning and end, the parts inside included, over ``calls`` of them."""

    seconds: float
    calls: int

    def __add__(self, other: StageTime) -> StageTime:
        return StageTime(seconds=self.seconds + other.seconds, calls=self.calls + other.calls)


class Clock(Protocol):
    """When something happened. A device that works by itself needs more than the host's clock."""

    def read(self) -> Any:
        """A reading, as cheap as can be."""

    def seconds(self, readings: Sequence[Any]) -> Sequence[float]:
        """What these readings were, on the time line of ``time.perf_counter``."""


class HostClock:
    """The clock of work that is over when its function returns."""

    def read(self) -> float:
        """Seconds."""
        return time.perf_counter()

    def seconds(self, readings: Sequence[float]) -> Sequence[float]:
        """They are seconds already."""
        return readings


def later(started: float, host: Sequence[float], device: Sequence[float]) -> list[float]:
    """When host and device both were past each mark; ``started`` is before all of them.

    ``host[i]`` and ``device[i]`` are when each was, on one time line. Work is done in order, so a
    mark is passed no sooner than the one before it.
    """
    found: list[float] = []
    latest = started
    for one, other in zip(host, device, strict=True):
        latest = max(latest, one, other)
        found.append(latest)
    return found


class StageTimer:
    """Takes the marks of a workload's steps, on the thread that makes them.

    ``stage`` suits code of one's own; ``switch`` is for parts of which only beginnings can be seen.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock: Clock = clock if clock is not None else HostClock()
        self._marks: list[tuple[str | None, bool]] = []
        self._readings: list[Any] = []
        self._open: list[str] = []

    @property
    def current(self) -> str | None:
        """The innermost stage that has begun and not ended."""
        return self._open[-1] if self._open else None

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """What happens within is that stage's, or that part's of the stage around it."""
        self.begin(name)
        try:
            yield
        finally:
            self.end()

    def begin(self, name: str) -> None:
        """The stage begins, inside the one that is open."""
        self._open.append(name)
        self._mark(name, self._clock.read())

    def end(self) -> None:
        """The innermost stage ends; raises IndexError if none is open."""
        self._open.pop()
        self._mark(None, self._clock.read())

    def switch(self, name: str | None, *, again: bool = False) -> None:
        """All that is open ends, and the stage begins in the same moment; None begins none.

        ``again``: it goes on where it was interrupted, and is no further call of it.
        """
        reading = self._clock.read()
        while self._open:
            self._open.pop()
            self._mark(None, reading)
        if name is not None:
            self._open.append(name)
            self._mark(name, reading, counts=not again)

    def take(self) -> Mapping[str, StageTime]:
        """Seconds and calls of every stage that was marked since the last time, by its path.

        Raises RuntimeError while one is open.
        """
        if self._open:
            raise RuntimeError(f"the stage {INSIDE.join(self._open)} has not ended")
        seconds = self._clock.seconds(self._readings)
        marks, self._marks, self._readings = self._marks, [], []
        return _folded(marks, seconds)

    def _mark(self, name: str | None, reading: Any, *, counts: bool = True) -> None:
        self._marks.append((name, counts))
        self._readings.append(reading)


def _folded(
    marks: Sequence[tuple[str | None, bool]], seconds: Sequence[float]
) -> dict[str, StageTime]:
    found: dict[str, StageTime] = {}
    begun: list[tuple[str, float, bool]] = []
    for (name, counts), now in zip(marks, seconds, strict=True):
        if name is not None:
            path = f"{begun[-1][0]}{INSIDE}{name}" if begun else name
            begun.append((path, now, counts))
            found.setdefault(path, StageTime(seconds=0.0, calls=0))
            continue
        path, since, is_call = begun.pop()
        found[path] += StageTime(seconds=now - since, calls=int(is_call))
    return found

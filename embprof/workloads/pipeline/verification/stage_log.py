"""When each stage of a call began: read always, for a clock costs nothing beside a model.

Which stage the slow calls are slow in can only be told from the stages of those calls, and calls
whose stages are timed on purpose are others. All that is done here takes 8 µs per call (four
stages, a busy 2-core machine) of the tens of milliseconds that two networks take; only of a call
that is answered from a cache, in some ten microseconds, is it a part worth a thought.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from embprof.interface.stages import StageTimer
from embprof.model import Samples

STEP, STAGE = "staged_step", "stage_"
"""Names of the readings, in milliseconds: the whole call, and each stage of it."""


class Call:
    """The stages of one call, each from its beginning to that of the next."""

    __slots__ = ("_clock", "_since", "_stage", "_timer", "seconds", "started")

    def __init__(self, clock: Callable[[], float], timer: StageTimer | None) -> None:
        self._clock = clock
        self._timer = timer
        self._stage: str | None = None
        self.seconds: dict[str, float] = {}
        self.started = self._since = clock()

    def begin(self, stage: str | None) -> float:
        """The stage that was going on ends, and this one begins, if any; when that was."""
        now = self._clock()
        if self._timer is not None:
            self._timer.switch(stage)
        if self._stage is not None:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now
        return now


class Row(NamedTuple):
    """Seconds of a call, and of each of its stages; ``hit_percent``: of claims in the cache."""

    whole: float
    stages: tuple[float, ...]
    hit_percent: float | None


class StageLog:
    """Rows of calls, kept from the first time on that somebody asks for them."""

    def __init__(
        self, stages: Sequence[str], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._stages = tuple(stages)
        self._clock = clock
        self._rows: list[Row] = []
        self._is_read = False
        self._lock = threading.Lock()

    def call(self, timer: StageTimer | None) -> Call:
        """A call begins; ``timer`` is told of its stages too."""
        return Call(self._clock, timer)

    def end(self, call: Call, hit_percent: float | None) -> None:
        """The call has ended."""
        ended = call.begin(None)
        if not self._is_read:  # a measurement that never asks must not see memory grow
            return
        row = Row(
            whole=ended - call.started,
            stages=tuple(call.seconds.get(stage, 0.0) for stage in self._stages),
            hit_percent=hit_percent,
        )
        with self._lock:
            self._rows.append(row)

    def take(self) -> Sequence[Samples]:
        """The readings of the calls since the last time, one per call, in the order they ended."""
        with self._lock:
            rows, self._rows, self._is_read = self._rows, [], True
        if not rows:
            return ()
        found = [_milliseconds(STEP, [row.whole for row in rows])]
        for at, stage in enumerate(self._stages):
            found.append(_milliseconds(f"{STAGE}{stage}", [row.stages[at] for row in rows]))
        hits = tuple(row.hit_percent for row in rows if row.hit_percent is not None)
        if hits:
            found.append(Samples(name="cache_hit", unit="%", better="higher", values=hits))
        return found


def _milliseconds(name: str, seconds: Sequence[float]) -> Samples:
    values = tuple(1e3 * one for one in seconds)
    return Samples(name=name, unit="ms", better="lower", values=values)

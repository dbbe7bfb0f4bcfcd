"""One row of a race: its worker, which waits between its slices, and what is kept of it.

A lane is opened and warmed up once a heat (a restart of every row), asked for a slice a round, and
put away when its row leaves, for whatever reason. It counts its own time: a row's ``time_limit``
holds for what it did itself and not for what others did meanwhile.
"""

import contextlib
import math
import statistics
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from embprof.config.times import time_limit
from embprof.machine import room, validity
from embprof.model import Job, Run, Slice
from embprof.run.ending import OK, Ending, Phase
from embprof.run.follow_up import follow_up
from embprof.run.recorder import Recorder
from embprof.run.restart import Restart, Start, StartAgainError
from embprof.sampling.sampler import LARGEST_SLICE, Sampled, Sampler
from embprof.sampling.schedule import Schedule, Stop
from embprof.statistics.correlated_mean import MIN_READINGS

PACES = 5
"""Slices whose typical pace says how many calls the next has: one slow call changes nothing."""


@dataclass(eq=False)
class Lane:
    """A row that is measured in rounds. ``seconds``: of measured slices, over all heats."""

    recorder: Recorder
    heats: int
    phase: Phase
    seconds: float = 0.0
    readings: int = 0
    left: str | None = None
    """Why it left before the race was over."""
    heat: int = 0
    _heat_calls: int = 0
    _fresh: bool = False
    _used: float = 0.0
    _paces: deque[float] = field(default_factory=lambda: deque(maxlen=PACES))
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __post_init__(self) -> None:
        config = self.job.config
        self._fresh = config["isolation"] == "fresh"
        self._limit = time_limit(config)
        self.schedule = Schedule.of(config)
        self._restart: Restart | None = None
        self._sampler: Sampler | None = None
        self._steady: bool | None = None
        self._before: validity.Counters | None = None

    @property
    def job(self) -> Job:
        """Its question."""
        return self.recorder.job

    @property
    def number(self) -> int:
        """The number of its job."""
        return self.job.number

    @property
    def pace(self) -> float:
        """Seconds that a call typically takes."""
        return statistics.median(self._paces) if self._paces else 0.0

    def open(self, heat: int) -> None:
        """Starts its worker, loads the workload and warms up; raises WorkerError."""
        self.heat = heat
        with self._own_time():
            try:
                self._open()
            except StartAgainError as error:
                self.abandon()
                self._fresh = self._fresh or error.fresh
                self._open()

    def _open(self) -> None:
        self.phase.enter("loading", f" #{self.number}")
        start = Start(fresh=self._fresh, waits=True)
        started = Restart.started(self.recorder, start, number=self.heat, deadline=self._deadline())
        self._restart = self._stack.enter_context(started)
        self._restart.open()
        self._sampler = self._restart.sampler(self.schedule)
        self.phase.enter("warming up", f" #{self.number}")
        self._steady = self._sampler.warm_up() if self.schedule.has_warmup else None
        self._restart.measuring()
        self._restart.pause()  # others are opened, and measured, before its first slice
        if self._sampler.pace is not None:
            self._paces.append(self._sampler.pace)
        self.phase.name = "measuring"

    def abandon(self) -> None:
        """Ends its worker at once, in the middle of whatever it does; it may be opened again."""
        if self._restart is not None:
            self._restart.worker.kill()
        self._restart = None
        self._stack.close()

    def begin(self, before: validity.Counters) -> None:
        """Measuring begins: the machine's counters now."""
        self._before = before

    def own_memory_mb(self) -> float | None:
        """What its worker has to itself; None where nobody can tell."""
        return None if self._restart is None else room.own_memory_mb(self._restart.worker.pid)

    def slice(self, seconds: float, *, rounds_left: int) -> Slice:
        """A slice of about so many seconds of calls, one at least; raises WorkerError.

        Of a set number of iterations it takes its share of what is left instead; a single one where
        nobody knows yet how long they take.
        """
        assert self._restart is not None, "open it first"
        assert self._sampler is not None, "open it first"
        count = max(1, round(seconds / self.pace)) if self.pace else 1
        if self.missing and self.pace:
            count = math.ceil(self.missing / max(1, rounds_left))
        count = min(count, LARGEST_SLICE)
        with self._own_time():
            self._restart.deadline = self._deadline()
            piece = self._sampler.slice(count)
        self._paces.append(max(piece.seconds / count, 1e-9))
        self.seconds += piece.seconds
        self._heat_calls += count
        self.readings += len(piece.samples[0].values)
        return piece

    @property
    def missing(self) -> int:
        """Calls that are left of its iterations in this heat."""
        return max(0, (self.schedule.iterations or 0) - self._heat_calls)

    @property
    def has_iterations(self) -> bool:
        """Whether it makes a set number of calls."""
        return self.schedule.iterations is not None

    @property
    def has_enough(self) -> bool:
        """Whether it may leave, as far as its own figures go."""
        if self.has_iterations:
            return self.missing == 0 and not self._wants_more()
        return self.readings >= MIN_READINGS and not self._wants_more()

    @property
    def has_had_its_time(self) -> bool:
        """Whether it was measured for as long as it would be by itself, over all heats so far."""
        return self.seconds >= self.schedule.max_seconds * (self.heat + 1)

    def _wants_more(self) -> bool:
        """Whether a figure that was asked for takes more calls, and there is time for them."""
        is_last = self.heat == self.heats - 1
        in_time = self.seconds < self.schedule.more_seconds * self.heats
        return is_last and in_time and self.recorder.wants_more()

    def end_heat(self, stop: Stop, own_cpu_seconds: float) -> None:
        """Ends its worker as a restart ends; raises WorkerError.

        ``own_cpu_seconds``: what all rows used since :meth:`begin`: they are not others.
        """
        assert self._restart is not None, "open it first"
        assert self._before is not None, "begin it first"
        with self._own_time():
            self._restart.deadline = self._deadline()
            sampled = Sampled(stop=stop, steady=self._steady)
            self.recorder.end_restart(
                self.heat, sampled, self._before, own_cpu_seconds=own_cpu_seconds
            )
            self.phase.name = "closing"
            self._restart.finish()
            self._restart.close()
            self._stack.close()
            self._restart = None
            self._heat_calls = 0

    def put_away(self, ending: Ending) -> Run:
        """Ends its worker whatever it does, and writes the answer."""
        self.abandon()
        if ending.status == OK.status:
            with self._own_time():
                follow_up(self.recorder, self.phase, self._deadline())
        return self.recorder.finish(ending, seconds=self._used)

    def _deadline(self) -> float:
        return time.monotonic() + max(0.0, self._limit - self._used)

    @contextlib.contextmanager
    def _own_time(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self._used += time.monotonic() - began

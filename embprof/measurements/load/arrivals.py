"""Calls that come when they come, whether those before are answered or not.

Physics: users do not wait for each other. Independent users make Poisson arrivals: gaps drawn from
an exponential distribution, whose bursts are what makes a server queue. When a call was *due* is
therefore fixed before anything is known of its answer, and its response time runs from then; what
it waits because everybody is busy is part of it (``arrivals.py`` never forgives a late start).

What can go wrong: whoever makes the load may be late himself. A caller that is free takes the next
arrival before it is due, sleeps until then and calls; as soon as it wakes another takes the
arrival after it. So a start that is late although a caller was free is the fault of this process
(its timer, its interpreter lock), and one that is late because all ``most`` callers were in calls
is the queue. Each arrival says which of the two it is (``had_caller``). Callers are taken last come
first served, and made as they are needed, so that a low rate uses few threads and few connections.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from queue import SimpleQueue

from embprof.measurements.load.calls import Call, Ending, attempt

Wait = Callable[[threading.Event, float], object]
"""Returns after so many seconds, or sooner if the event happens."""


def poisson(rate: float, seed: int) -> Iterator[float]:
    """Seconds, from the beginning, at which calls are due: ``rate`` a second without end.

    The first is due after exactly one mean gap; all gaps after it are exponential and independent.
    """
    rng = random.Random(seed)
    due = 1 / rate
    while True:
        yield due
        due += rng.expovariate(rate)


@dataclass(frozen=True, slots=True)
class Met:
    """An arrival and its call. ``due`` is on the clock of the call; see above for the rest."""

    due: float
    call: Call
    had_caller: bool

    @property
    def response(self) -> float:
        """Seconds from when it was due to its end."""
        return self.call.ended - self.due

    @property
    def late(self) -> float:
        """Seconds from when it was due to when it was begun."""
        return self.call.started - self.due

    @property
    def is_answered(self) -> bool:
        """Whether it did not fail."""
        return self.call.ending is Ending.ANSWERED


@dataclass(slots=True, kw_only=True)
class _Run:
    """One schedule on its way; everything but ``stopped`` is read and changed under the lock."""

    schedule: Iterator[float]
    origin: float
    stopped: threading.Event = field(default_factory=threading.Event)
    taken: int = 0
    """Arrivals that a caller has taken; the next has this number."""
    met: dict[int, Met] = field(default_factory=dict)
    whole: int = 0
    """All arrivals before this one are met."""
    given: int = 0
    """Those before this one were taken from here."""
    is_led: bool = True
    """Whether some caller looks out for the next arrival."""
    error: BaseException | None = None


@dataclass(eq=False)
class Arrivals:
    """At most ``most`` threads that meet arrivals; one schedule at a time."""

    step: Callable[[], int]
    most: int
    clock: Callable[[], float] = time.perf_counter
    wait: Wait = threading.Event.wait

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._is_whole = threading.Condition(self._lock)
        self._has_rested = threading.Condition(self._lock)
        self._threads: list[threading.Thread] = []
        self._idle: list[SimpleQueue[_Run | None]] = []
        self._run: _Run | None = None

    def start(self, schedule: Iterable[float]) -> float:
        """Arrivals are due from now on; returns the moment that their seconds count from."""
        run = _Run(schedule=iter(schedule), origin=self.clock())
        with self._lock:
            self._run = run
            self._lead(run)
        return run.origin

    def take(self, count: int) -> list[Met]:
        """The next ``count`` arrivals in the order in which they were due, when all are met.

        Raises what a step raised that is no failed call.
        """
        run = self._current()
        with self._lock:
            first, run.given = run.given, run.given + count
            self._is_whole.wait_for(lambda: run.whole >= run.given or run.error is not None)
            if run.error is not None:
                raise run.error
            return [run.met.pop(number) for number in range(first, run.given)]

    def known(self) -> dict[int, Met]:
        """Every arrival that is met by now and was not taken, by its number; raises as above."""
        run = self._current()
        with self._lock:
            if run.error is not None:
                raise run.error
            return dict(run.met)

    def stop(self) -> None:
        """No more arrivals are met; returns when no call is under way."""
        run = self._current()
        run.stopped.set()
        with self._lock:
            self._has_rested.wait_for(lambda: len(self._idle) == len(self._threads))
            self._run = None

    def close(self) -> None:
        """Stops, and ends the threads."""
        if self._run is not None:
            self.stop()
        for inbox in self._idle:
            inbox.put(None)
        for thread in self._threads:
            thread.join()

    def _current(self) -> _Run:
        if self._run is None:
            raise RuntimeError("no schedule was started")
        return self._run

    def _serve(self, inbox: SimpleQueue[_Run | None]) -> None:
        """What each thread does: leads whenever it is told to, and calls."""
        while (run := inbox.get()) is not None:
            is_fresh = True
            while self._leads_on(run, is_fresh=is_fresh):
                is_fresh = False
            with self._lock:
                self._idle.append(inbox)
                self._has_rested.notify_all()

    def _leads_on(self, run: _Run, *, is_fresh: bool) -> bool:
        """Meets the next arrival; whether there is nobody but this caller for the one after it.

        ``is_fresh``: it was free, and did not come out of a call while all were busy.
        """
        with self._lock:
            due = None if run.stopped.is_set() else next(run.schedule, None)
            if due is None:
                return False
            due += run.origin
            number, run.taken = run.taken, run.taken + 1
            now = self.clock()
            if due > now:
                self._spare()
        if due > now:
            self.wait(run.stopped, due - now)
            if run.stopped.is_set():
                return False
        with self._lock:
            self._lead(run)
        try:
            call = attempt(self.step, self.clock)
        except BaseException as error:  # noqa: BLE001  (raised by take, for whom it was made)
            with self._lock:
                run.error = run.error or error
                run.stopped.set()
                self._is_whole.notify_all()
            return False
        return self._met(run, number, Met(due, call, is_fresh or due >= now))

    def _met(self, run: _Run, number: int, met: Met) -> bool:
        with self._lock:
            run.met[number] = met
            while run.whole in run.met:
                run.whole += 1
            if run.whole >= run.given:
                self._is_whole.notify_all()
            if run.is_led:
                return False
            run.is_led = True
            return True

    def _lead(self, run: _Run) -> None:
        """Tells a free caller, or a new one, to look out for the next arrival."""
        self._spare()
        run.is_led = bool(self._idle)
        if self._idle:
            self._idle.pop().put(run)

    def _spare(self) -> None:
        """Makes a caller where none is free and there may be more: before it is needed."""
        if self._idle or len(self._threads) >= self.most:
            return
        inbox: SimpleQueue[_Run | None] = SimpleQueue()
        thread = threading.Thread(
            target=self._serve, args=(inbox,), name="embprof-caller", daemon=True
        )
        self._threads.append(thread)
        self._idle.append(inbox)
        thread.start()

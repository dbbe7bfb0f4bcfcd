"""Asks a worker for slices of iterations until the protocol says enough.

A slice is at least ``slice_seconds`` of calls made without a word between parent and worker, so
that asking costs nothing that could be measured. Between slices the parent decides: still warming
up, precise enough, time used up. It does its arithmetic then, never while a slice runs.

Warm-up ends when its least number of calls and of seconds are done *and* the last half of its
readings shows no trend, or at its bound. Measuring ends at a fixed number of iterations, or when
the interval of the throughput is narrow enough, or when its time is over
(docs/explanation/measuring.md). Where a target or a limit is set on a figure that takes more calls
(a p95 takes 72), it goes on for them while there is time.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from embprof.errors import WorkerError
from embprof.model import Slice, Status
from embprof.sampling.messages import Observed
from embprof.sampling.schedule import Schedule, Stop
from embprof.statistics.rate import rate
from embprof.statistics.stopping import next_look
from embprof.statistics.trend import has_trend

LARGEST_SLICE = 100_000
"""Iterations of one slice at most, however short they are."""
FEWEST_TO_JUDGE = 4
"""Readings without which nobody can say whether there is a trend."""


class Observes(Protocol):
    """Whoever runs iterations when asked: a worker, or a fake in a test."""

    def observe(self, iterations: int) -> Observed:
        """Runs that many iterations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """How one restart went. ``steady`` is None where the warm-up was too short to tell."""

    stop: Stop
    steady: bool | None


@dataclass(slots=True)
class Sampler:
    """Samples one restart; every slice goes to ``keep`` the moment it exists."""

    source: Observes
    schedule: Schedule
    restart: int
    keep: Callable[[Slice], None]
    wants_more: Callable[[], bool] = lambda: False
    """Whether what was kept is too little for a figure that was asked for."""
    pace: float | None = None
    """Seconds of a call in the last slice."""

    def run(self, measuring: Callable[[], None] = lambda: None) -> Sampled:
        """Warms up, measures, and says why it stopped.

        ``measuring`` is called once, between the last warm-up and the first measured slice.
        """
        steady = self.warm_up() if self.schedule.has_warmup else None
        measuring()
        return Sampled(stop=self._measure(), steady=steady)

    def warm_up(self) -> bool | None:
        """Runs calls until they are steady; whether they are, None where nobody could tell."""
        schedule = self.schedule
        times: list[float] = []
        elapsed, done = 0.0, 0
        while True:
            missing = schedule.warmup_iterations - done
            most = missing if missing > 0 and elapsed >= schedule.warmup_seconds else None
            observed, iterations = self._slice(warmup=True, most=most)
            done += iterations
            times += observed.samples[0].values
            elapsed += observed.seconds
            if done < schedule.warmup_iterations or elapsed < schedule.warmup_seconds:
                continue
            last_half = times[len(times) // 2 :]
            can_tell = len(last_half) >= FEWEST_TO_JUDGE and min(last_half) > 0
            if can_tell and not has_trend(last_half):
                return True
            if elapsed >= schedule.warmup_max_seconds:
                return False if can_tell else None

    def _measure(self) -> Stop:
        schedule = self.schedule
        times: list[float] = []
        items: list[int] = []
        elapsed, done = 0.0, 0
        look = next_look()
        while True:
            left = None
            if schedule.iterations is not None and done < schedule.iterations:
                left = schedule.iterations - done
            observed, iterations = self._slice(warmup=False, most=left)
            done += iterations
            primary = observed.samples[0]
            times += primary.values
            items += primary.items or (1,) * len(primary.values)
            elapsed += observed.seconds
            if schedule.iterations is not None and done >= schedule.iterations:
                if elapsed >= schedule.more_seconds or not self.wants_more():
                    return Stop.ITERATIONS
                continue
            if elapsed >= schedule.max_seconds:
                return Stop.MAX_SECONDS
            precision = schedule.precision if schedule.iterations is None else None
            if precision is not None and len(times) >= look:
                look = next_look(len(times))
                if _is_precise(items, times, precision) and not self.wants_more():
                    return Stop.PRECISE

    def slice(self, iterations: int, *, warmup: bool = False) -> Slice:
        """A slice of exactly so many calls, kept."""
        observed = self.source.observe(iterations)
        _check(observed)
        self.pace = max(observed.seconds / iterations, 1e-9)
        piece = observed.as_slice(self.restart, warmup=warmup)
        self.keep(piece)
        return piece

    def _slice(self, *, warmup: bool, most: int | None) -> tuple[Slice, int]:
        """A slice of about ``slice_seconds``, and in how many iterations."""
        wanted = 1
        if self.pace is not None:
            wanted = math.ceil(self.schedule.slice_seconds / self.pace)
        wanted = min(wanted, LARGEST_SLICE, most or LARGEST_SLICE)
        return self.slice(wanted, warmup=warmup), wanted


def _is_precise(items: list[int], times: list[float], precision: float) -> bool:
    """Whether the rate is known well enough; quantities that can be zero have no rate."""
    if min(items) <= 0 or min(times) <= 0:
        return False
    half_width = rate([items], [times]).half_width
    return half_width is not None and half_width <= precision


def _check(observed: Observed) -> None:
    """Raises WorkerError for readings that nothing could be derived from."""
    values = observed.samples[0].values if observed.samples else ()
    if not values:
        raise WorkerError(Status.FAILED, "the measurement returned no readings")
    if not all(math.isfinite(value) for value in values):
        name = observed.samples[0].name
        raise WorkerError(Status.FAILED, f"the measurement returned a {name} that is not finite")

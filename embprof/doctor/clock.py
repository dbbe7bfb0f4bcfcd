"""How finely time can be read here.

Two readings of a clock with nothing between them differ by what a call of no length would be said
to take: at least one step of the clock, and the time a reading takes. A timed call is wrong by up
to that much, so a call a hundred times as long is timed to 1 %.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

READINGS = 50_000
"""As many take some milliseconds: every step that the clock makes is among them many times."""
STRETCHES = 50
"""Stretches of readings, of whose costs the median is taken: the system interrupts some of them."""
PRECISION = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFigures:
    """Seconds: the smallest and the median step between two readings that differ, and a reading.

    The steps are None where no two readings differed.
    """

    smallest_step: float | None
    median_step: float | None
    reading: float

    @property
    def shortest_call(self) -> float | None:
        """Seconds of the shortest call that is timed to 1 %."""
        return None if self.median_step is None else self.median_step / PRECISION


def measure(
    clock: Callable[[], float] = time.perf_counter, *, readings: int = READINGS
) -> ClockFigures:
    """Reads the clock again and again: the steps, and what a reading costs."""
    costs = [_cost(clock, readings // STRETCHES) for _ in range(STRETCHES)]
    times = [0.0] * readings
    for index in range(readings):
        times[index] = clock()
    steps = np.diff(np.asarray(times))
    steps = steps[steps > 0]
    return ClockFigures(
        smallest_step=float(steps.min()) if steps.size else None,
        median_step=float(np.median(steps)) if steps.size else None,
        reading=statistics.median(costs),
    )


def _cost(clock: Callable[[], float], readings: int) -> float:
    """Seconds of a reading: of many that nobody keeps, since what keeps them costs time too."""
    started = clock()
    for _ in range(readings):
        clock()
    return (clock() - started) / (readings + 1)

"""What embprof adds to a call: the seconds of a call of nothing, beside those of a bare loop.

A measurement of a workload that does nothing takes only what measuring takes. Long slices tell what
each call costs (two readings of the clock, two entries in lists); slices of one call tell what a
slice costs beside that (memory and CPU time are read once a slice, outside the timed calls). The
three loops run in turn, round after round, so that a busy moment falls on each alike; the median
over rounds does not follow single disturbed ones.

Left out: what happens between slices while nothing is timed, a request over a pipe and a line on
disk. What it costs in the caches of a real model is measured by ``make benchmark``.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from embprof.config import options
from embprof.interface.classes import find_class
from embprof.interface.measurement import Measurement
from embprof.model import Estimate
from embprof.statistics.percentiles import percentile

SECONDS = 0.5
CALLS = 2000
"""Calls of a long slice: what a slice costs is then less than a tenth of what its calls cost."""
FEWEST_ROUNDS = 6
"""Rounds that the median's interval needs (embprof.statistics.percentiles.smallest_sample)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HarnessCost:
    """Seconds that embprof adds to each call and to each slice; medians over rounds."""

    per_call: Estimate
    per_slice: Estimate

    def share(self, call_seconds: float, slice_seconds: float) -> float:
        """What it adds to a call of that length, as a share of the call (0.001 is 0.1 %).

        A slice has as many calls as fit into ``slice_seconds``, at least one.
        """
        calls = max(1, round(slice_seconds / call_seconds))
        return (self.per_call.value + self.per_slice.value / calls) / call_seconds


class NoWork:
    """A workload of no work."""

    items = "nothings"

    def load(self) -> None:
        """Nothing to load."""

    def step(self) -> int:
        """Does nothing."""
        return 1

    def close(self) -> None:
        """Nothing to give back."""


def measure(
    seconds: float = SECONDS, *, calls: int = CALLS, clock: Callable[[], float] = time.perf_counter
) -> HarnessCost:
    """Runs the loops in turn for that long, six rounds at least."""
    workload, measurement = NoWork(), _usual()
    measurement.open(workload)
    per_call: list[float] = []
    per_slice: list[float] = []
    end = clock() + seconds
    while clock() < end or len(per_call) < FEWEST_ROUNDS:
        bare = _seconds(clock, lambda: _bare(workload.step, calls))
        measured = _seconds(clock, lambda: measurement.observe(calls))
        single = _seconds(clock, lambda: measurement.observe(1))
        # m(n) = s + n c: the seconds of a slice of one call and of one of many give both.
        each = (measured - single) / (calls - 1)
        per_call.append(each - bare / calls)
        per_slice.append(single - each)
    return HarnessCost(per_call=_median(per_call), per_slice=_median(per_slice))


def _usual() -> Measurement:
    """The measurement of a command that names none."""
    target = options.target("measurement", options.default("measurement"))
    assert target is not None, "it comes with embprof"
    cls = find_class(target)
    assert cls is not None, "so does its class"
    made: Measurement = cls()
    return made


def _bare(step: Callable[[], int], calls: int) -> None:
    for _ in range(calls):
        step()


def _seconds(clock: Callable[[], float], run: Callable[[], object]) -> float:
    started = clock()
    run()
    return clock() - started


def _median(values: Iterable[float]) -> Estimate:
    found = percentile(list(values), 0.5)
    assert found is not None  # six rounds at least
    return found

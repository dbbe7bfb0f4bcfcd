"""Shares of stages, and what timing them and profiling added to a call.

A slice has bare, timed and profiled calls side by side, so what was added is judged slice by slice:
a neighbour that slows a slice slows all of its calls. The middle of a slice's calls of a kind is a
power mean that few slow calls do not move (:mod:`embprof.statistics.pair_effect`); the interval is
Student's over the slices, or over restarts where there are several. It may well reach below zero:
what costs less than can be seen is not told from nothing.
"""

import math
from collections.abc import Sequence
from itertools import groupby

from embprof.interface.conclusion import Conclusion
from embprof.interface.figure import figure
from embprof.interface.figures import OF_CALLS
from embprof.model import Estimate, Figure, Slice
from embprof.report.stage_shares import stage_figures
from embprof.statistics.pair_effect import slice_log_ratio
from embprof.statistics.quantiles import student_t

BARE = "call_time"
"""Seconds."""
STAGED, PROFILED = "staged_call", "profiled_call"
"""Milliseconds, as the stages."""
FIGURES = OF_CALLS | {
    *("stage_*_ms", "stage_*_percent", f"{STAGED}_ms", f"{PROFILED}_ms"),
    "profiler_overhead_percent",
}
"""The names of all figures."""
CONFIDENCE = 0.95


def stages(measured: Sequence[Slice]) -> Conclusion:
    """The share of each stage in the timed calls, and what timing added."""
    shares = stage_figures(measured, STAGED)
    return Conclusion(figures=(*shares, _overhead("stage_timer", measured, STAGED)))


def profiler(measured: Sequence[Slice]) -> Conclusion:
    """What the profiler added."""
    return Conclusion(figures=(_overhead("profiler", measured, PROFILED),))


def _overhead(what: str, measured: Sequence[Slice], kind: str) -> Figure:
    effects = [
        (piece.restart, slice_log_ratio([1e3 * one for one in piece.values(BARE)], slowed))
        for piece in measured
        if (slowed := piece.values(kind))
    ]
    restarts = [
        [effect for _, effect in group] for _, group in groupby(effects, key=lambda pair: pair[0])
    ]
    units, basis = restarts[0], "slices of one process"
    if len(restarts) > 1:
        units, basis = [sum(one) / len(one) for one in restarts], f"{len(restarts)} restarts"
    return figure(f"{what}_overhead_percent", "%", _percent_more(units, basis))


def _percent_more(effects: Sequence[float], basis: str) -> Estimate:
    count = len(effects)
    mean = sum(effects) / count
    low = high = None
    if count > 1:
        variance = sum((effect - mean) ** 2 for effect in effects) / (count - 1)
        reach = student_t(count - 1, CONFIDENCE) * math.sqrt(variance / count)
        low, high = (100 * math.expm1(mean + side * reach) for side in (-1, 1))
    return Estimate(value=100 * math.expm1(mean), low=low, high=high, n=count, basis=basis)

"""Which stage the slow calls are slow in, from the stages of each call.

The stage that takes most of all calls need not be the one that makes some of them slow. So the
slow calls, those from the 95th percentile on, are set against the usual one: of each stage, what it
takes in a slow call beyond its median over all calls. The stage with most of that excess bounds the
tail. Slow calls are few (one in twenty), so another stage is named beside it where the difference
of the two over the slow calls cannot be told from nothing (Student's t, paired by call).

What can go wrong: calls that are slow because the machine was (all stages share the excess then,
and the marks of the run say so); a collector's pause counts to the stage that it fell into, which
is where it is felt.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from embprof.interface.conclusion import Conclusion
from embprof.interface.figure import figure, too_few
from embprof.interface.readings import values
from embprof.model import Estimate, Figure, Slice
from embprof.report.stage_shares import STAGE, stage_figures, stage_quantities
from embprof.statistics.percentiles import percentile, smallest_sample
from embprof.statistics.quantiles import student_t
from embprof.workloads.pipeline.verification import stage_log

STEP = stage_log.STEP
TAIL = "tail_"
"""The part of a stage in the excess of slow calls."""
OTHER = "other"
"""What no stage has."""
FIGURES = frozenset(
    {
        *("stage_*_ms", "stage_*_percent", f"{TAIL}*_percent", "cache_hit_percent"),
        *("evidence_recall_percent", "verdict_accuracy_percent"),
    }
)
"""The names of all figures."""
OUTCOME = "tail"
OR = "_or_"
UNCLEAR = "unclear"
SLOW = 0.95
CONFIDENCE = 0.95
PERCENTILES = (0.50, 0.95)

Readings = Mapping[str, NDArray[np.float64]]
"""By stage, the milliseconds of each call."""


def conclude(measured: Sequence[Slice]) -> Conclusion:
    """Percentiles and share of each stage, its part in the excess of slow calls; their stage."""
    shares = stage_figures(measured, STEP)
    stages = {
        name.removeprefix(STAGE): np.array(values(measured, name))
        for name in stage_quantities(measured)
    }
    percentiles = [
        _percentile(f"{STAGE}{stage}", read, q)
        for stage, read in stages.items()
        for q in PERCENTILES
    ]
    excess = _excess(np.array(values(measured, STEP)), stages)
    if excess is None:
        return Conclusion(figures=(*shares, *percentiles))
    return Conclusion(
        figures=(*shares, *percentiles, *_excess_shares(excess)), outcomes={OUTCOME: _bound(excess)}
    )


def _percentile(name: str, read: NDArray[np.float64], q: float) -> Figure:
    estimate = percentile(read, q)
    note = None if estimate else too_few(smallest_sample(q))
    return figure(f"{name}_p{100 * q:.0f}_ms", "ms", estimate, note=note)


def _excess(whole: NDArray[np.float64], stages: Readings) -> Readings | None:
    """What each stage takes in each slow call beyond its median; None of too few calls."""
    if len(whole) < smallest_sample(SLOW):
        return None
    is_slow = whole >= np.quantile(whole, SLOW)
    every = {**stages, OTHER: whole - sum(stages.values())}
    return {stage: read[is_slow] - np.median(read) for stage, read in every.items()}


def _excess_shares(excess: Readings) -> list[Figure]:
    """The part of each stage in all the excess; below zero where it is quicker in slow calls."""
    means = {stage: float(read.mean()) for stage, read in excess.items()}
    total = sum(means.values())
    calls = len(next(iter(excess.values())))
    if total <= 0:
        return []
    return [
        figure(
            f"{TAIL}{stage}_percent",
            "%",
            Estimate(
                value=100 * mean / total, low=None, high=None, n=calls, basis=f"{calls} slow calls"
            ),
        )
        for stage, mean in means.items()
        if stage != OTHER
    ]


def _bound(excess: Readings) -> str:
    """The stage with most of the excess, and those that cannot be told from it."""
    ordered = sorted(excess, key=lambda stage: -float(excess[stage].mean()))
    most = ordered[0]
    if float(excess[most].mean()) <= 0:
        return UNCLEAR
    alike = [stage for stage in ordered[1:] if not _is_more(excess[most] - excess[stage])]
    return OR.join((most, *alike)) if len(alike) < len(ordered) - 1 else UNCLEAR


def _is_more(differences: NDArray[np.float64]) -> bool:
    """Whether the mean lies above zero by more than its error."""
    count = len(differences)
    if count == 1:
        return False
    error = float(differences.std(ddof=1)) / math.sqrt(count)
    return float(differences.mean()) > student_t(count - 1, CONFIDENCE) * error

"""The columns of a profile: where the time of a call goes, and what measuring added to it."""

from collections.abc import Sequence
from functools import partial

from embprof.interface.column import Column
from embprof.model import Run
from embprof.report.columns import of_calls
from embprof.report.stage_shares import stage_percents

SHOWN = 3
"""Stages with a column of their own; the rest has one together."""
ALWAYS = ("tokenize", "forward")
"""Stages that have a column whatever their share."""


def columns(runs: Sequence[Run]) -> list[Column]:
    """Throughput of the bare calls, shares of the largest stages, overheads."""
    shown = _largest(runs)
    stages = [
        Column(
            heading=f"{stage} %",
            cell=partial(_percent_of, stage),
            spare=0 if stage in ALWAYS else 2,
            metric=f"stage_{stage}_percent",
        )
        for stage in shown
    ]
    return [
        *of_calls(runs)[:2],
        *stages,
        *([Column(heading="rest %", cell=lambda run: _rest(run, shown))] if shown else []),
        _added("timer +%", "stage_timer_overhead_percent", spare=1),
        _added("profiler +%", "profiler_overhead_percent"),
    ]


def _added(heading: str, name: str, spare: int = 0) -> Column:
    return Column(heading=heading, cell=partial(_more, name), spare=spare, metric=name)


def _largest(runs: Sequence[Run]) -> list[str]:
    """The stages that are shown, in the order of a call."""
    largest: dict[str, float] = {}
    for run in runs:
        for stage, percent in stage_percents(run).items():
            largest[stage] = max(percent, largest.get(stage, 0.0))
    known = [stage for stage in ALWAYS if stage in largest]
    others = sorted((stage for stage in largest if stage not in known), key=lambda s: -largest[s])
    chosen = [*known, *others[: SHOWN - len(known)]]
    return [stage for stage in largest if stage in chosen]


def _percent_of(stage: str, run: Run) -> str:
    percent = stage_percents(run).get(stage)
    return "" if percent is None else f"{percent:.1f}"


def _rest(run: Run, shown: Sequence[str]) -> str:
    percents = stage_percents(run)
    rest = sum(percent for stage, percent in percents.items() if stage not in shown)
    return f"{rest:.1f}" if percents else ""


def _more(name: str, run: Run) -> str:
    """An overhead with its sign; of what is not told from nothing, the bound: ``< 3``."""
    estimate = run.estimate(name)
    if estimate is None:
        return ""
    if (bounds := estimate.bounds) is not None and bounds[0] <= 0:
        return f"< {_two_digits(max(bounds[1], 0.1))}"
    return _two_digits(estimate.value)


def _two_digits(percent: float) -> str:
    """Two significant digits, and no power of ten: 0.12, 5.8, 160."""
    return f"{float(f'{percent:.2g}'):,g}"

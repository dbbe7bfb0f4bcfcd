"""Figures that are wanted, and whether a run has them; in a table, and below it.

A target is no verdict, and says nothing of change: a service may be as slow as ever and meet it,
or twice as fast and miss it. A *limit* is a target of which the miss is an alert.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embprof.config import wanted_figures
from embprof.config.hints import did_you_mean
from embprof.config.parity import held_to
from embprof.interface.column import Column
from embprof.interface.figure import wants_more
from embprof.model import Figure, Run, Status
from embprof.report.rows import numbered
from embprof.units import number

MET = "✓"
MISSED = "⚠"
LONGER = "it takes longer measuring (iterations, max_seconds)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One figure beside what it is to be; ``figure`` is None where the run has none of its name.

    ``hint``: which name was probably meant then.
    """

    metric: str
    wanted: float
    figure: Figure | None
    hint: str = ""

    @property
    def value(self) -> float | None:
        """The figure's; None where there is none."""
        found = self.figure
        return None if found is None or found.estimate is None else found.estimate.value

    @property
    def is_most(self) -> bool:
        """Whether the figure is better the lower it is: no more is wanted."""
        return self.figure is not None and self.figure.better == "lower"

    @property
    def met(self) -> bool | None:
        """Whether the value is no worse than what is wanted; None where there is no value."""
        if self.value is None:
            return None
        return self.value <= self.wanted if self.is_most else self.value >= self.wanted

    @property
    def sentence(self) -> str:
        """``peak_rss_mb 4,210, wanted at most 4,000``."""
        if self.figure is None:
            return f"{self.metric}: there is no such figure{self.hint}"
        if self.value is None:
            more = f"; {LONGER}" if wants_more(self.figure) else ""
            return f"{self.metric}: {self.figure.note or 'could not be read'}{more}"
        at = "at most" if self.is_most else "at least"
        return f"{self.metric} {number(self.value)}, wanted {at} {number(self.wanted)}"


def check(wanted: Mapping[str, float], figures: Sequence[Figure]) -> list[Target]:
    """Each target beside the figure of its name."""
    known = {figure.name: figure for figure in figures}
    return [
        Target(
            metric=metric,
            wanted=value,
            figure=known.get(metric),
            hint="" if metric in known else did_you_mean(metric, list(known)),
        )
        for metric, value in wanted.items()
    ]


def alerts(
    limits: Mapping[str, float], figures: Sequence[Figure], *, is_answer: bool
) -> Iterator[str]:
    """What is to be said of limits that were passed, or that an answer cannot be held to.

    A limit that nobody could check is no pass: its name may have a typo.
    """
    for target in check(limits, figures):
        if target.met is False or (target.met is None and is_answer):
            yield target.sentence


def lost(config: Mapping[str, Any], figures: Sequence[Figure]) -> list[Target]:
    """What a job is held to of its answers (``parity.min_top10_kept``) and does not keep."""
    return [target for target in check(held_to(config), figures) if target.met is False]


def not_kept(run: Run) -> list[Target]:
    """What a run is held to of its answers and does not keep."""
    return lost(run.config, run.figures)


def columns(runs: Sequence[Run]) -> list[Column]:
    """A column of targets, where any run has one."""
    return [Column(heading="targets", cell=_cell)] if any(_targets(run) for run in runs) else []


def wanted(runs: Sequence[Run]) -> frozenset[str]:
    """The figures that targets and limits of these runs are about."""
    return frozenset(target.metric for run in runs for target in _targets(run))


def legend(runs: Sequence[Run]) -> list[str]:
    """Each target that was missed, and each that there is no figure for; alerts apart."""
    lines = [f"ALERT #{run.number} {alert}" for run in runs for alert in run.alerts]
    missed = (
        (run.number, target.sentence)
        for run in runs
        for target in _targets(run)
        if target.met is not True and target.sentence not in run.alerts
    )
    return lines + [f"{MISSED} {line}" for line in numbered(missed)]


def _cell(run: Run) -> str:
    targets = _targets(run)
    if not targets:
        return ""
    met = sum(target.met is True for target in targets)
    return f"{MET if met == len(targets) else MISSED} {met}/{len(targets)}"


def _targets(run: Run) -> list[Target]:
    """What is wanted of a run that was answered; of one that failed nothing can be said."""
    if run.status != Status.OK:
        return []
    return check(wanted_figures.wanted(run.config), run.figures)

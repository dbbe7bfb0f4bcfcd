"""Targets in a table: how many a run meets, and below it which it misses."""

from collections.abc import Sequence

from embprof.interface.column import Column
from embprof.model import Run, Status
from embprof.report.rows import numbered
from embprof.report.targets import Target, check

MET = "✓"
MISSED = "⚠"


def columns(runs: Sequence[Run]) -> list[Column]:
    """A column of targets, where any run has one."""
    return [Column(heading="targets", cell=_cell)] if any(_targets(run) for run in runs) else []


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
    wanted = {**run.config.get("targets", {}), **run.config.get("limits", {})}
    return check(wanted, run.figures)

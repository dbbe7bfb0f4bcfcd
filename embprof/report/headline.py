"""What is printed before a sweep's first job, and after its last."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from embprof.config.plan import Plan, model_id, models
from embprof.interface import faults
from embprof.model import Run, Status
from embprof.report import table
from embprof.report.legend import legend, reasons
from embprof.report.rows import Row
from embprof.tracking.folder import LOG
from embprof.tracking.sweep_folder import PAGE, REPORT, SweepFolder
from embprof.units import counted

LOGS_NAMED = 3
"""Logs of failed jobs that are named at the end."""


def announce(plan: Plan, rows: Sequence[Row], sweep: SweepFolder, out: Console) -> None:
    """The question, the number of jobs, what will not be measured and why, where weights lie."""
    if plan.settings["question"]:
        out.print(Text(plan.settings["question"], style="bold"))
    parts = [f"sweep {sweep.sweep_id}: {counted(len(plan.jobs), 'job')}"]
    if len(plan.jobs) == 1 and plan.jobs[0].overrides:
        parts.append(" ".join(plan.jobs[0].overrides))
    if answered := sum(row.run is not None for row in rows):
        parts.append(f"{answered} answered before")
    if skipped := sum(bool(job.skip) for job in plan.jobs):
        parts.append(f"{skipped} skipped")
    out.print(Text(", ".join(parts)), soft_wrap=True)
    for line in [*reasons([row for row in rows if row.run is None]), *plan.notes]:
        out.print(Text(f"  {line}", style="yellow"), soft_wrap=True)
    for line in _weights(plan):
        out.print(Text(f"  {line}"), soft_wrap=True)


def conclude(
    rows: Sequence[Row], sweep: SweepFolder, out: Console, *, status: Status, logged: bool
) -> None:
    """The table, its legend, and what to type next."""
    out.print()
    nothing: RenderableType = ""
    out.print(faults.ask("embprof", "the table", lambda: table.results(rows, out.width), nothing))
    out.print()
    for line in legend(rows, out.width):
        out.print(Text(line, style="dim"), soft_wrap=True)
    for path in _logs(rows, sweep)[:LOGS_NAMED]:
        out.print(Text(f"what it printed: {shown_path(path)}"), soft_wrap=True)
    if all(row.run is None and row.job.skip for row in rows):
        out.print(Text("nothing was measured: every job was skipped (strict=true: an error)"))
    if (page := sweep.path / REPORT / PAGE).is_file():
        out.print(Text(f"report: {shown_path(page)}"), soft_wrap=True)
    look = f"look: {_program()} ui" if logged else f"not in MLflow yet: {_program()} sync"
    out.print(Text(f"runs: {shown_path(sweep.path)}   {look}"), soft_wrap=True)
    if status == Status.INTERRUPTED:
        again = f"interrupted; go on with: {_program()} resume={sweep.sweep_id}"
        out.print(Text(again), soft_wrap=True)


def _weights(plan: Plan) -> list[str]:
    """A line a model: its name, and where its weights come from."""
    lines: dict[str, None] = {}
    for job in plan.jobs:
        for _, model in models(job.config):
            found = plan.weights.get(model_id(model))
            if found is not None and not job.skip:
                place = "" if found.source == "random" else f" {found.folder}"
                lines[f"{_short_name(model)}: weights from {found.source}{place}"] = None
    return list(lines)


def _short_name(model: Mapping[str, Any]) -> str:
    return str(model["name"]).rstrip("/").rpartition("/")[2]


def _logs(rows: Sequence[Row], sweep: SweepFolder) -> list[Path]:
    failed: list[Run] = [
        row.run
        for row in rows
        if row.run is not None and row.run.status not in (Status.OK, Status.INTERRUPTED)
    ]
    logs = (sweep.path / run.run_id.partition("/")[2] / LOG for run in failed)
    return [log for log in logs if log.exists()]


def _program() -> str:
    """How to call embprof from here: by name where the shell finds this very installation."""
    installed = Path(sys.executable).with_name("embprof")
    if shutil.which("embprof") == str(installed):
        return "embprof"
    return f"{shown_path(Path(sys.executable))} -m embprof"


def shown_path(path: Path | str) -> str:
    """A path as short as it can be from here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else str(path)

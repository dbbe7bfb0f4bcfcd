"""What is printed before a sweep's first job, and after its last."""

import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, RenderableType
from rich.text import Text

from embprof.config.inputs import model_id, models
from embprof.config.plan import Plan
from embprof.interface import faults
from embprof.model import Status
from embprof.report import table
from embprof.report.display import print_lines, print_notes
from embprof.report.documents.answer import Reply
from embprof.report.legend import legend, reasons
from embprof.report.rows import Row
from embprof.report.stored_rows import run_folder
from embprof.tracking.folder import LOG
from embprof.tracking.sweep_folder import PAGE, REPORT, SweepFolder
from embprof.units import counted

LOGS_NAMED = 3
"""Logs of failed jobs that are named at the end."""


def announce(plan: Plan, rows: Sequence[Row], sweep: SweepFolder, out: Console) -> None:
    """The question, the number of jobs, what will not be measured and why, where weights lie."""
    if plan.settings["question"]:
        out.print(Text(plan.settings["question"], style="bold"))
    summary = [f"sweep {sweep.sweep_id}: {counted(len(plan.jobs), 'job')}"]
    if len(plan.jobs) == 1 and plan.jobs[0].overrides:
        summary.append(" ".join(plan.jobs[0].overrides))
    if answered := sum(row.run is not None for row in rows):
        summary.append(f"{answered} answered before")
    if skipped := sum(bool(job.skip) for job in plan.jobs):
        summary.append(f"{skipped} skipped")
    print_lines(out, ", ".join(summary))
    remarks = [*reasons([row for row in rows if row.run is None]), *plan.notes]
    print_notes(out, remarks, indent="  ")
    print_lines(out, *(f"  {line}" for line in _weights(plan)))


def conclude(
    rows: Sequence[Row],
    sweep: SweepFolder,
    out: Console,
    *,
    status: Status,
    logged: bool,
    reply: Reply | None = None,
) -> None:
    """The table, its legend, the report's answer and advice, and what to type next."""
    show_table(rows, out)
    show_answer(reply, out)
    for path in _logs(rows, sweep)[:LOGS_NAMED]:
        print_lines(out, f"what it printed: {shown_path(path)}")
    if all(row.run is None and row.job.skip for row in rows):
        out.print(Text("nothing was measured: every job was skipped (strict=true: an error)"))
    if (page := sweep.path / REPORT / PAGE).is_file():
        print_lines(out, f"report: {shown_path(page)}")
    look = f"look: {_program()} ui" if logged else f"not in MLflow yet: {_program()} sync"
    print_lines(out, f"runs: {shown_path(sweep.path)}   {look}")
    if status == Status.INTERRUPTED:
        print_lines(out, f"interrupted; go on with: {_program()} resume={sweep.sweep_id}")


def show_answer(reply: Reply | None, out: Console) -> None:
    """What a report says of these runs, where it is more than that they were measured."""
    if reply is not None and reply.is_answer:
        _show(f"answer: {reply.found}", out, style="bold")
        if reply.conditions:
            _show(f"holds for: {reply.conditions}", out)
        _show(f"next: {reply.short_next}", out)


def show_table(rows: Sequence[Row], out: Console) -> None:
    """The table of a sweep, and its legend; a column that fails costs the table alone."""
    nothing: RenderableType = ""
    out.print()
    out.print(faults.ask("embprof", "the table", lambda: table.results(rows, out.width), nothing))
    out.print()
    print_lines(out, *legend(rows, out.width), style="dim")


def _show(sentence: str, out: Console, style: str = "") -> None:
    lines = textwrap.wrap(sentence, out.width, subsequent_indent="  ", break_long_words=False)
    print_lines(out, *lines, style=style)


def _weights(plan: Plan) -> list[str]:
    """One line per model: its name, and where its weights come from."""
    lines: dict[str, None] = {}
    for job in plan.jobs:
        for _, model in models(job.config):
            found = plan.weights.get(model_id(model))
            if found is not None and not job.skip:
                place = "" if found.source == "random" else f" {found.folder}"
                name = str(model["name"]).rstrip("/").rpartition("/")[2]
                lines[f"{name}: weights from {found.source}{place}"] = None
    return list(lines)


def _logs(rows: Sequence[Row], sweep: SweepFolder) -> list[Path]:
    """What the workloads of failed jobs printed, where they printed something."""
    runs = [row.run for row in rows if row.run is not None]
    failed = (run for run in runs if run.status not in (Status.OK, Status.INTERRUPTED))
    logs = (run_folder(sweep, run) / LOG for run in failed)
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

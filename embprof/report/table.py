"""The table at the end of a sweep, at most 100 columns wide, and its legend."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.markup import escape
from rich.table import Table

from embprof.environment.validity import MARKS
from embprof.model import Job, Run, Status
from embprof.report.columns import IMPRECISE, Column, columns, is_imprecise

SHORT = {
    "batch_size": "batch",
    "text_length": "length",
    "texts_per_call": "texts/call",
    "iterations": "iterations",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One job and, where it was measured, its run."""

    job: Job
    run: Run | None


def axes(rows: Sequence[Row]) -> list[str]:
    """The keys whose values differ between jobs, in the order they were asked."""
    values: dict[str, set[str]] = {}
    for row in rows:
        for key, value in overrides(row.job).items():
            values.setdefault(key, set()).add(value)
    return [key for key, seen in values.items() if len(seen) > 1]


def overrides(job: Job) -> dict[str, str]:
    """Key and value of each override of a job."""
    pairs = (override.lstrip("+").partition("=") for override in job.overrides)
    return {key: _as_meant(value) for key, _, value in pairs if key not in ("experiment", "resume")}


def _as_meant(value: str) -> str:
    """A value without the quotes and backslashes that Hydra's grammar needs."""
    quoted = re.fullmatch(r"(['\"])(.*)\1", value, re.DOTALL)
    return re.sub(r"\\(.)", r"\1", quoted[2] if quoted else value)


def heading(key: str) -> str:
    """A key as the heading of a column: its last part, shortened where it is known."""
    return SHORT.get(key, key.rpartition(".")[2])


def results(rows: Sequence[Row]) -> Table:
    """A line a job: what differs between jobs, the figures, the marks."""
    keys, shown = axes(rows), _columns(rows)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("#", justify="right")
    for key in keys:
        table.add_column(heading(key), justify="right", min_width=min(len(heading(key)), 6))
    for column in shown:
        table.add_column(column.heading, justify="right", no_wrap=True)
    table.add_column("marks", no_wrap=True)
    for row in rows:
        table.add_row(*map(escape, _cells(row, keys, shown)))
    return table


def legend(rows: Sequence[Row]) -> list[str]:
    """What the marks of these rows mean, and why jobs have no figures; a line each."""
    lines = []
    if any(row.run is not None and is_imprecise(row.run) for row in rows):
        lines.append(
            f"{IMPRECISE} max_seconds was over before the interval was as narrow as precision"
        )
    used = {stamp.mark for row in rows if row.run for stamp in row.run.stamps}
    lines += [f"{mark} {meaning}" for mark, meaning in MARKS.items() if mark in used]
    lines += reasons(rows)
    return lines


def reasons(rows: Sequence[Row]) -> list[str]:
    """Why jobs were skipped or failed, equal reasons together."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        status, reason = _status(row)
        if status != Status.OK and status is not None:
            grouped.setdefault((status.value, reason or ""), []).append(str(row.job.number))
    return [
        f"#{', #'.join(numbers)} {status.replace('_', ' ')}: {reason}"
        for (status, reason), numbers in grouped.items()
    ]


def markdown(rows: Sequence[Row]) -> str:
    """The same as a Markdown table with its legend, for the sweep's description in MLflow."""
    keys, shown = axes(rows), _columns(rows)
    headings = ["#", *keys, *(column.heading for column in shown), "marks"]
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    lines += [f"| {' | '.join(_cells(row, keys, shown))} |" for row in rows]
    return "\n".join([*lines, "", *(f"- {line}" for line in legend(rows))])


def _columns(rows: Sequence[Row]) -> list[Column]:
    runs = [row.run for row in rows if row.run is not None]
    described = (run.description.get("items") for run in runs)
    items = next((str(name) for name in described if name is not None), "items")
    return columns(runs, items)


def _cells(row: Row, keys: Sequence[str], shown: Sequence[Column]) -> list[str]:
    values = overrides(row.job)
    status, _ = _status(row)
    figures = [column.cell(row.run) if row.run is not None else "" for column in shown]
    marks = [] if status in (None, Status.OK) else [str(status).replace("_", " ")]
    if status is None:
        marks = ["not run"]
    if row.run is not None and row.run.stamps:
        marks.append("".join(stamp.mark for stamp in row.run.stamps))
    return [
        str(row.job.number),
        *(values.get(key, "") for key in keys),
        *figures,
        " ".join(marks),
    ]


def _status(row: Row) -> tuple[Status | None, str | None]:
    if row.run is not None:
        return row.run.status, row.run.reason
    if row.job.skip is not None:
        return Status.SKIPPED, row.job.skip
    return None, None

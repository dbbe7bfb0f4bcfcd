"""The table at the end of a sweep, at most 100 columns wide, and its legend."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from embprof.environment.validity import MARKS
from embprof.model import Comparison, Job, Run, Status
from embprof.report import compared
from embprof.report.columns import ROUGH, Column, columns, is_rough, throughput_of

WIDTH = 100
UNLIMITED = 10_000
DETAILS_SHOWN = 3
"""Rows whose figure behind a mark the legend names."""
SHORT = {
    "batch_size": "batch",
    "text_length": "length",
    "texts_per_call": "texts/call",
    "iterations": "iterations",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One job and, where it was measured, its run and how that compares."""

    job: Job
    run: Run | None
    comparison: Comparison | None = None


def comparisons(rows: Sequence[Row]) -> Mapping[int, Comparison]:
    """The comparisons of rows that have one, by the job's number."""
    return {row.job.number: row.comparison for row in rows if row.comparison is not None}


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


def results(rows: Sequence[Row], width: int = WIDTH) -> Table:
    """A line a job: what differs between jobs, the figures, the marks; at most ``width`` wide.

    Where not all figures fit, whole columns are left out (:func:`legend` says which); what names a
    job and its marks never are.
    """
    return _table(rows, _fitting(rows, width)[0])


def legend(rows: Sequence[Row], width: int = WIDTH) -> list[str]:
    """What the marks of these rows mean, and why jobs have no figures; a line each."""
    lines = []
    if left_out := _fitting(rows, width)[1]:
        named = ", ".join(column.heading for column in left_out)
        lines.append(f"left out, for want of width: {named} (all are in MLflow and run.json)")
    runs = [row.run for row in rows if row.run is not None]
    measured = [run for run in runs if throughput_of(run) is not None]
    if any(run.config["restarts"] == 1 for run in measured):
        lines.append("± 95 % interval within one process; restarts=5 shows how processes differ")
    if any(is_rough(run) for run in runs):
        lines.append(f"{ROUGH} rough: fewer than 100 calls, or time was up before ± was precise")
    lines += compared.legend(comparisons(rows))
    lines += _highest(measured)
    used = {stamp.mark for run in runs for stamp in run.stamps}
    for mark, meaning in MARKS.items():
        if mark in used:
            line = f"{mark} {meaning} ({_details(runs, mark)})"
            lines += textwrap.wrap(line, width, subsequent_indent="  ")
    return lines + reasons(rows)


def _highest(runs: Sequence[Run]) -> list[str]:
    """Which row has the highest throughput, and which cannot be told from it."""
    known = [(run, found.estimate) for run in runs if (found := throughput_of(run)) is not None]
    bounded = [
        (run, estimate)
        for run, estimate in known
        if estimate is not None and estimate.low is not None and estimate.high is not None
    ]
    kinds = {run.description.get("items") for run, _ in bounded}
    if len(bounded) == 1 or len(kinds) != 1:
        return []
    best, highest = max(bounded, key=lambda pair: pair[1].value)
    alike = [
        f"#{run.number}"
        for run, estimate in bounded
        if run is not best and (estimate.high or 0) >= (highest.low or 0)
    ]
    if not alike:
        return [f"highest: #{best.number}; no other interval reaches it"]
    return [f"highest: #{best.number}, not told apart from {', '.join(alike)}: intervals overlap"]


def _details(runs: Sequence[Run], mark: str) -> str:
    """The figure behind a mark, row by row, for the first few rows."""
    found = [
        f"#{run.number} {stamp.detail}"
        for run in runs
        for stamp in run.stamps
        if stamp.mark == mark
    ]
    more = ["…"] if len(found) > DETAILS_SHOWN else []
    return ", ".join(found[:DETAILS_SHOWN] + more)


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
    compares = compared.columns(comparisons(rows))
    figures = [*(column.heading for column in shown), *(name for name, _ in compares)]
    headings = ["#", *keys, *figures, "marks"]
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    lines += [f"| {' | '.join(_cells(row, keys, shown, compares))} |" for row in rows]
    return "\n".join([*lines, "", *(f"- {line}" for line in legend(rows, width=UNLIMITED))])


def _table(rows: Sequence[Row], shown: Sequence[Column]) -> Table:
    keys = axes(rows)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    for key in keys:
        table.add_column(heading(key), justify="right", no_wrap=True)
    for column in shown:
        table.add_column(column.heading, justify="right", no_wrap=True)
    compares = compared.columns(comparisons(rows))
    for name, _ in compares:
        is_word = name == "verdict"
        table.add_column(name, justify="left" if is_word else "right", no_wrap=True)
    table.add_column("marks", no_wrap=True)
    for row in rows:
        table.add_row(*map(escape, _cells(row, keys, shown, compares)))
    return table


def _fitting(rows: Sequence[Row], width: int) -> tuple[list[Column], list[Column]]:
    """The columns that fit into ``width``, and those left out, most dispensable first."""
    shown, left_out = _columns(rows), []
    endless = Console(width=UNLIMITED)
    while endless.measure(_table(rows, shown)).maximum > width:
        dispensable = max(shown, key=lambda column: column.spare, default=None)
        if dispensable is None or dispensable.spare == 0:
            break
        shown.remove(dispensable)
        left_out.append(dispensable)
    return shown, left_out


def _columns(rows: Sequence[Row]) -> list[Column]:
    return columns([row.run for row in rows if row.run is not None])


def _cells(
    row: Row,
    keys: Sequence[str],
    shown: Sequence[Column],
    compares: Sequence[compared.Column],
) -> list[str]:
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
        *("" if row.comparison is None else cell(row.comparison) for _, cell in compares),
        " ".join(marks),
    ]


def _status(row: Row) -> tuple[Status | None, str | None]:
    if row.run is not None:
        return row.run.status, row.run.reason
    if row.job.skip is not None:
        return Status.SKIPPED, row.job.skip
    return None, None

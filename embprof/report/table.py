"""The table at the end of a sweep, at most 100 columns wide, and its legend."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.markup import escape
from rich.table import Table

from embprof.environment.validity import MARKS
from embprof.model import Figure, Job, Run, Status
from embprof.units import number, percent

SHORT = {
    "batch_size": "batch",
    "text_length": "length",
    "texts_per_call": "texts/call",
    "iterations": "iterations",
}
STOPPED_BY_TIME = "max_seconds"
IMPRECISE = "~"
"""Marks an interval that is wider than the precision asked for, since time was up first."""


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
    """A line a job: what differs, throughput and interval, service times, CPU, memory."""
    keys = axes(rows)
    items = _items(rows)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("#", justify="right")
    for key in keys:
        table.add_column(heading(key), justify="right", min_width=min(len(heading(key)), 6))
    for figure in (f"{items}/s", "±", "p50 ms", "p95 ms", "p99 ms", "CPU %", "peak MB"):
        table.add_column(figure, justify="right", no_wrap=True)
    table.add_column("marks", no_wrap=True)
    for row in rows:
        values = overrides(row.job)
        table.add_row(
            str(row.job.number), *(escape(values.get(key, "")) for key in keys), *_cells(row, items)
        )
    return table


def legend(rows: Sequence[Row]) -> list[str]:
    """What the marks of these rows mean, and why jobs have no figures; a line each."""
    lines = []
    if any(_is_imprecise(row.run) for row in rows):
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
    keys, items = axes(rows), _items(rows)
    headings = [
        "#",
        *keys,
        f"{items}/s",
        "±",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "CPU %",
        "peak MB",
        "marks",
    ]
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    for row in rows:
        values = overrides(row.job)
        cells = [str(row.job.number), *(values.get(key, "") for key in keys), *_cells(row, items)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"- {line}" for line in legend(rows))])


def _cells(row: Row, items: str) -> list[str]:
    status, _ = _status(row)
    run = row.run
    if status is None:
        return ["", "", "", "", "", "", "", "not run"]
    if run is None or status == Status.SKIPPED:
        return ["", "", "", "", "", "", "", status.value.replace("_", " ")]
    throughput = run.figure(f"throughput_{items}_per_s")
    marks = "".join(stamp.mark for stamp in run.stamps)
    if status != Status.OK:
        marks = " ".join(part for part in (status.value.replace("_", " "), marks) if part)
    return [
        _value(throughput),
        _half_width(throughput, run),
        *(_value(run.figure(f"latency_p{q}_ms")) for q in (50, 95, 99)),
        _whole(run.value("cpu_percent")),
        _whole(run.value("peak_rss_mb")),
        marks,
    ]


def _status(row: Row) -> tuple[Status | None, str | None]:
    if row.run is not None:
        return row.run.status, row.run.reason
    if row.job.skip is not None:
        return Status.SKIPPED, row.job.skip
    return None, None


def _items(rows: Sequence[Row]) -> str:
    described: list[Mapping[str, object]] = [row.run.description for row in rows if row.run]
    return str(next((facts["items"] for facts in described if "items" in facts), "items"))


def _value(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return number(figure.estimate.value) if figure.estimate else str(figure.note)


def _half_width(figure: Figure | None, run: Run) -> str:
    width = figure.estimate.half_width if figure is not None and figure.estimate else None
    if width is None:
        return "n/a"
    shown = percent(width) if width <= 1 else ">100 %"
    return f"{IMPRECISE if _is_imprecise(run) else ''}{shown}"


def _is_imprecise(run: Run | None) -> bool:
    if run is None or run.stop != STOPPED_BY_TIME:
        return False
    items = run.description.get("items", "items")
    throughput = run.figure(f"throughput_{items}_per_s")
    width = throughput.estimate.half_width if throughput and throughput.estimate else None
    return width is None or width > run.config["precision"]


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"

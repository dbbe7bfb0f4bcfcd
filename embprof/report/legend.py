"""What stands below the tables of a sweep: what marks mean, and why jobs have no figures."""

import textwrap
from collections.abc import Sequence

from embprof.interface.column import ROUGH, is_rough, throughput_of
from embprof.machine.validity import MARKS
from embprof.model import Run, Status
from embprof.report import comparison_phrases, race_columns, table, targets
from embprof.report.rows import Row, comparisons, numbered, standings
from embprof.report.table import UNLIMITED, WIDTH

DETAILS_SHOWN = 3
"""Rows whose figure behind a mark the legend names."""


def legend(rows: Sequence[Row], width: int = WIDTH) -> list[str]:
    """How to read the tables, line by line."""
    lines = []
    if without := table.left_out(rows, width):
        line = f"left out, for want of width: {', '.join(without)} (all are in MLflow and run.json)"
        lines += textwrap.wrap(line, width, subsequent_indent="  ")
    runs = [row.run for row in rows if row.run is not None]
    measured = [run for run in runs if throughput_of(run) is not None]
    if any(run.config["restarts"] == 1 for run in measured):
        lines.append("± 95 % interval within one process; restarts=5 shows how processes differ")
    if any(is_rough(run) for run in runs):
        lines.append(f"{ROUGH} rough: fewer than 100 calls, or time was up before ± was precise")
    lines += race_columns.legend(standings(rows))
    lines += comparison_phrases.legend(comparisons(rows))
    lines += targets.legend(runs)
    used = {stamp.mark for run in runs for stamp in run.stamps}
    for mark, meaning in MARKS.items():
        if mark in used:
            line = f"{mark} {meaning} ({_details(runs, mark)})"
            lines += textwrap.wrap(line, width, subsequent_indent="  ")
    return lines + reasons(rows)


def reasons(rows: Sequence[Row]) -> list[str]:
    """Why jobs were skipped or failed, equal reasons together."""
    endings = ((row.job.number, *row.status) for row in rows)
    return numbered(
        (number, f"{status.replace('_', ' ')}: {reason or ''}")
        for number, status, reason in endings
        if status not in (None, Status.OK)
    )


def markdown(rows: Sequence[Row]) -> str:
    """Tables and legend in Markdown, for the sweep's description in MLflow."""
    lines = (f"- {line}" for line in legend(rows, width=UNLIMITED))
    return "\n".join([table.markdown(rows), "", *lines])


def _details(runs: Sequence[Run], mark: str) -> str:
    """The figure behind a mark, row by row, for the first few rows."""
    stamps = ((run.number, stamp) for run in runs for stamp in run.stamps)
    found = [f"#{number} {stamp.detail}" for number, stamp in stamps if stamp.mark == mark]
    more = ["…"] if len(found) > DETAILS_SHOWN else []
    return ", ".join(found[:DETAILS_SHOWN] + more)

"""What stands below the tables of a sweep: what marks mean, and why jobs have no figures."""

import textwrap
from collections.abc import Sequence

from embprof.interface.column import ROUGH, is_rough, throughput_of
from embprof.machine.validity import MARKS
from embprof.model import Run, Status
from embprof.report import comparison_phrases, table, targets
from embprof.report.rows import Part, Row, by_measurement, comparisons, numbered
from embprof.report.table import UNLIMITED, WIDTH

DETAILS_SHOWN = 3
"""Rows whose figure behind a mark the legend names."""


def legend(rows: Sequence[Row], width: int = WIDTH, *, is_ranked: bool = True) -> list[str]:
    """How to read the tables, line by line; ``is_ranked``: with the best of each."""
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
    lines += comparison_phrases.legend(comparisons(rows))
    # The verdict on arms measured in turn knows better than means.
    if is_ranked and not any(row.comparison and row.comparison.is_paired for row in rows):
        lines += _highest_of_each(by_measurement(rows))
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


def _highest_of_each(parts: Sequence[Part]) -> list[str]:
    """The best row of each measurement, by name where there are several."""
    found = {part.name: _highest(part.runs) for part in parts}
    return [f"{name}: {line}" if len(parts) > 1 else line for name, line in found.items() if line]


def _highest(runs: Sequence[Run]) -> str | None:
    """Which row has the highest throughput, and which cannot be told from it.

    Only answers are ranked: what an interrupted or failed run has read is of other calls.
    """
    answers = [run for run in runs if run.status == Status.OK]
    known = [(run, found.estimate) for run in answers if (found := throughput_of(run)) is not None]
    bounded = [(run, one) for run, one in known if one is not None and one.bounds is not None]
    kinds = {run.description.get("items") for run, _ in bounded}
    if len(bounded) == 1 or len(kinds) != 1:
        return None
    best, highest = max(bounded, key=lambda pair: pair[1].value)
    alike = [
        f"#{run.number}"
        for run, estimate in bounded
        if run is not best and (estimate.high or 0) >= (highest.low or 0)
    ]
    if not alike:
        return f"highest: #{best.number}; no other interval reaches it"
    return f"highest: #{best.number}, not told apart from {', '.join(alike)}: intervals overlap"


def _details(runs: Sequence[Run], mark: str) -> str:
    """The figure behind a mark, row by row, for the first few rows."""
    stamps = ((run.number, stamp) for run in runs for stamp in run.stamps)
    found = [f"#{number} {stamp.detail}" for number, stamp in stamps if stamp.mark == mark]
    more = ["…"] if len(found) > DETAILS_SHOWN else []
    return ", ".join(found[:DETAILS_SHOWN] + more)

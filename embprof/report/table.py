"""The tables at the end of a sweep, one a measurement, at most 100 columns wide."""

from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from embprof.config.question import typed
from embprof.interface.column import Column
from embprof.model import Status
from embprof.report import comparison_phrases, targets_table
from embprof.report.columns import columns
from embprof.report.rows import Part, Row, by_measurement, comparisons, heading

WIDTH = 100
UNLIMITED = 10_000
WORDS = ("verdict", "marks")
"""Headings of ours below which stand words."""


def results(rows: Sequence[Row], width: int = WIDTH) -> RenderableType:
    """A line a job: what differs between jobs, the figures, the marks; at most ``width`` wide.

    Where not all figures fit, whole columns are left out (:func:`left_out` says which); what names
    a job and its marks never are.
    """
    every = by_measurement(rows)
    if len(every) == 1:
        return _table(every[0], _fitting(every[0], width)[0])
    shown: list[RenderableType] = []
    for part in every:
        title = Text(f"\n{part.name}" if shown else part.name, style="bold")
        shown += [title, _table(part, _fitting(part, width)[0])]
    return Group(*shown)


def left_out(rows: Sequence[Row], width: int = WIDTH) -> list[str]:
    """Headings of columns for which there is no room."""
    names = [column.heading for part in by_measurement(rows) for column in _fitting(part, width)[1]]
    return list(dict.fromkeys(names))


def markdown(rows: Sequence[Row]) -> str:
    """The same as Markdown."""
    lines: list[str] = []
    every = by_measurement(rows)
    for part in every:
        if len(every) > 1:
            lines += ["", f"**{part.name}**", ""] if lines else [f"**{part.name}**", ""]
        headings, cells = grid(part)
        lines += [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
        lines += [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join(lines)


def grid(part: Part) -> tuple[list[str], list[list[str]]]:
    """Headings, and a line of cells a row: every column, whatever the width."""
    shown = _columns(part)
    headings = ["#", *part.keys, *(column.heading for column in shown)]
    headings += [*_compared_headings(part), "marks"]
    return headings, [_cells(row, part, shown) for row in part.rows]


def word_headings(part: Part) -> tuple[str, ...]:
    """Headings below which stand words, where the others have figures."""
    return (*(column.heading for column in _columns(part) if column.is_word), *WORDS)


def _table(part: Part, shown: Sequence[Column]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    for name in (*map(heading, part.keys), *(column.heading for column in shown)):
        table.add_column(name, justify="right", no_wrap=True)
    for name in _compared_headings(part):
        is_word = name == "verdict"
        table.add_column(name, justify="left" if is_word else "right", no_wrap=True)
    table.add_column("marks", no_wrap=True)
    for row in part.rows:
        table.add_row(*map(escape, _cells(row, part, shown)))
    return table


def _fitting(part: Part, width: int) -> tuple[list[Column], list[Column]]:
    """The columns that fit into ``width``, and those left out, most dispensable first."""
    shown = _columns(part)
    without: list[Column] = []
    if width >= UNLIMITED:  # to measure a thousand rows takes seconds
        return shown, without
    endless = Console(width=UNLIMITED)
    while endless.measure(_table(part, shown)).maximum > width:
        dispensable = max(shown, key=lambda column: column.spare, default=None)
        if dispensable is None or dispensable.spare == 0:
            break
        shown.remove(dispensable)
        without.append(dispensable)
    return shown, without


def _columns(part: Part) -> list[Column]:
    return [*columns(part.runs, part.measurement), *targets_table.columns(part.runs)]


def _compared_headings(part: Part) -> list[str]:
    return [name for name, _ in comparison_phrases.columns(comparisons(part.rows))]


def _cells(row: Row, part: Part, shown: Sequence[Column]) -> list[str]:
    values = typed(row.job)
    status, _ = row.status
    figures = [column.cell(row.run) if row.run is not None else "" for column in shown]
    compares = comparison_phrases.columns(comparisons(part.rows))
    marks = [] if status in (None, Status.OK) else [str(status).replace("_", " ")]
    if status is None:
        marks = ["not run"]
    if row.run is not None and row.run.stamps:
        marks.append("".join(stamp.mark for stamp in row.run.stamps))
    return [
        str(row.job.number),
        *(values.get(key, "") for key in part.keys),
        *figures,
        *("" if row.comparison is None else cell(row.comparison) for _, cell in compares),
        " ".join(marks),
    ]

"""The tables at the end of a sweep, one per measurement, at most 100 columns wide."""

from collections.abc import Callable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from embprof.config.question import typed
from embprof.model import Status
from embprof.report import comparison_phrases, plain_table, race_columns, targets
from embprof.report.columns import columns
from embprof.report.plain_table import TableColumn
from embprof.report.rows import Part, Row, by_measurement, comparisons, heading, standings

WIDTH = 100
UNLIMITED = 10_000
COMPARISON_SPARE = {"detects": 2, "95 % interval": 1}
"""How soon columns of a comparison give way to those of a race: there is no room for all."""


def results(rows: Sequence[Row], width: int = WIDTH) -> RenderableType:
    """One line per job: what differs between jobs, the figures, the marks; at most ``width`` wide.

    Where not all figures fit, whole columns are left out (:func:`left_out` says which); what names
    a job and its marks never are.
    """
    every = by_measurement(rows)
    shown: list[RenderableType] = []
    for part in every:
        if len(every) > 1:
            shown.append(Text(f"\n{part.name}" if shown else part.name, style="bold"))
        shown.append(plain_table.drawn(plain_table.fitting(grid(part, heading), width)[0]))
    return Group(*shown)


def left_out(rows: Sequence[Row], width: int = WIDTH) -> list[str]:
    """Headings of columns for which there is no room."""
    without = (plain_table.fitting(grid(part, heading), width)[1] for part in by_measurement(rows))
    return list(dict.fromkeys(column.heading for every in without for column in every))


def markdown(rows: Sequence[Row]) -> str:
    """The same as Markdown."""
    lines: list[str] = []
    every = by_measurement(rows)
    for part in every:
        if len(every) > 1:
            lines += ["", f"**{part.name}**", ""] if lines else [f"**{part.name}**", ""]
        shown = grid(part)
        cells = zip(*(column.cells for column in shown), strict=True)
        lines += plain_table.markdown([column.heading for column in shown], cells)
    return "\n".join(lines)


def grid(part: Part, heading_of: Callable[[str], str] = str) -> list[TableColumn]:
    """Every column, whatever the width; ``heading_of`` makes a heading of a key."""
    rows, questions = part.rows, [typed(row.job) for row in part.rows]
    figures = [*columns(part.runs, part.measurement), *targets.columns(part.runs)]
    wanted = targets.wanted(part.runs)
    compared = comparison_phrases.columns(comparisons(rows))
    raced = race_columns.columns(standings(rows))
    gives_way = COMPARISON_SPARE if raced else {}
    return [
        TableColumn("#", [str(row.job.number) for row in rows]),
        *(
            TableColumn(heading_of(key), [question.get(key, "") for question in questions])
            for key in part.keys
        ),
        *(
            TableColumn(
                column.heading,
                ["" if row.run is None else column.cell(row.run) for row in rows],
                spare=0 if column.metric in wanted else column.spare,
                is_word=column.is_word,
            )
            for column in figures
        ),
        *(
            TableColumn(name, ["" if row.standing is None else cell(row) for row in rows])
            for name, cell in raced
        ),
        *(
            TableColumn(
                name,
                ["" if row.comparison is None else cell(row.comparison) for row in rows],
                spare=gives_way.get(name, 0),
                is_word=name == "verdict",
                is_left=name == "verdict",
            )
            for name, cell in compared
        ),
        TableColumn("marks", [_marks(row) for row in rows], is_word=True, is_left=True),
    ]


def _marks(row: Row) -> str:
    """Why a job has no figures, if so, and what happened around its run."""
    status, _ = row.status
    marks = [] if status == Status.OK else [str(status or "not run").replace("_", " ")]
    if row.run is not None and row.run.stamps:
        marks.append("".join(stamp.mark for stamp in row.run.stamps))
    return " ".join(marks)

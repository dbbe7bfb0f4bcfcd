"""Two sets of stored runs side by side: the table, its legend, and both as Markdown."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.table import Table
from rich.text import Text

from embprof.comparison.differences import Change
from embprof.comparison.sets import Compared, Row
from embprof.comparison.stored import Outcome
from embprof.model import Verdict
from embprof.report.comparison_phrases import AGAIN, STYLES, change, detectable, interval
from embprof.report.rows import heading
from embprof.report.table import UNLIMITED, WIDTH
from embprof.units import counted, number, percent, signed

NAMED = 8
"""Rows, changes or labels that a line names before it counts the rest."""
GAP = 2
"""Between two columns: a space of padding, and the box's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A heading and the cell of each row. The higher ``spare``, the sooner left out."""

    heading: str
    cells: tuple[str, ...]
    spare: int = 0


def results(compared: Compared, width: int = WIDTH) -> Table:
    """A line a row; at most ``width`` wide, whole columns of figures left out if need be."""
    return _table(compared, _fitting(compared, width)[0])


def title(compared: Compared) -> list[str]:
    """What is compared with what."""
    sides = (("A", compared.a), ("B", compared.b))
    lines = []
    for letter, side in sides:
        known = counted(len(side.runs), "run")
        if len(side.sessions) > 1:
            used = " (its newest is compared)" if letter == "B" else ""
            known = f"{counted(len(side.sessions), 'session')}{used}"
        lines.append(f"{letter}: {side.name}, {known}")
    return lines


def legend(compared: Compared, width: int = WIDTH) -> list[str]:
    """How to read the table, why rows have no verdict, and what differs; a line each."""
    left_out = _fitting(compared, width)[1]
    lines = []
    if left_out:
        lines.append(f"left out, for want of width: {', '.join(c.heading for c in left_out)}")
    lines += _how_to_read(compared)
    lines += _reasons(compared)
    if compared.mean is not None and compared.mean_rows > 1:
        mean = f"geometric mean of {compared.mean_rows} rows: {signed(compared.mean - 1)}"
        lines.append(f"{mean} (no interval: rows of a session share its noise)")
    return lines + _what_differs(compared)


def judgement(compared: Compared) -> list[str]:
    """What the bound on regressions makes of the rows; nothing where none was given."""
    if compared.bound is None:
        return []
    bound = percent(compared.bound)
    lines = []
    if beyond := compared.with_outcome(Outcome.BEYOND):
        changes = (f"#{row.number} ({change(row.comparison)})" for row in beyond)
        lines.append(f"regression of more than {bound}: {some(changes)}")
    if undecided := compared.with_outcome(Outcome.OPEN):
        numbers = some(f"#{row.number}" for row in undecided)
        lines.append(f"more than {bound} can be neither shown nor ruled out: {numbers}; {AGAIN}")
    return lines or [f"no row is worse by more than {bound}"]


def markdown(compared: Compared) -> str:
    """The table with its legend, for a pull request or a report."""
    columns = _columns(compared)
    lines = [f"**{_plain(line)}**  " for line in title(compared)]
    lines += ["", f"| {' | '.join(_plain(column.heading) for column in columns)} |"]
    lines += [f"|{'---|' * len(columns)}"]
    lines += [
        f"| {' | '.join(_plain(column.cells[at]) for column in columns)} |"
        for at in range(len(compared.rows))
    ]
    said = [*judgement(compared), *legend(compared, UNLIMITED)]
    # GitHub takes #1 for an issue.
    named = (re.sub(r"#(?=\d)", "row ", line) for line in said)
    return "\n".join([*lines, "", *(f"- {_plain(line)}" for line in named)]) + "\n"


def some(items: Iterable[str]) -> str:
    """The first few of them, and how many more there are."""
    every = list(items)
    more = [f"… and {len(every) - NAMED:,} more"] if len(every) > NAMED else []
    return ", ".join(every[:NAMED] + more)


def _columns(compared: Compared) -> list[_Column]:
    rows = compared.rows
    figures = {row.comparison.figure: row.comparison.unit for row in rows}
    names = list(dict.fromkeys(name for row in rows for name in row.axes))
    columns = [_column("#", (str(row.number) for row in rows))]
    columns += [_column(heading(name), (row.axes[name] for row in rows)) for name in names]
    if len(figures) > 1:
        columns.append(_column("figure", (row.comparison.figure for row in rows)))
    of = f" {next(iter(figures.values()))}".rstrip() if len(figures) == 1 else ""
    return [
        *columns,
        _column(f"A{of}", (_value(row.a_value) for row in rows), spare=2),
        _column(f"B{of}", (_value(row.b_value) for row in rows), spare=2),
        _column("change", (change(row.comparison) for row in rows)),
        _column("95 % interval", (interval(row.comparison) for row in rows), spare=1),
        _column("verdict", (row.comparison.verdict.value for row in rows)),
        _column("detects", (detectable(row.comparison) for row in rows), spare=3),
    ]


def _column(name: str, cells: Iterable[str], *, spare: int = 0) -> _Column:
    return _Column(heading=name, cells=tuple(cells), spare=spare)


def _value(value: float | None) -> str:
    return "" if value is None else number(value)


def _table(compared: Compared, columns: Sequence[_Column]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for column in columns:
        is_word = column.heading in ("verdict", "figure")
        table.add_column(Text(column.heading), justify="left" if is_word else "right", no_wrap=True)
    for at, row in enumerate(compared.rows):
        style = STYLES.get(row.comparison.verdict, "yellow")
        cells = (
            Text(column.cells[at], style=style if column.heading == "verdict" else "")
            for column in columns
        )
        table.add_row(*cells)
    return table


def _fitting(compared: Compared, width: int) -> tuple[list[_Column], list[_Column]]:
    """The columns that fit into ``width``, and those left out, most dispensable first."""
    columns, left_out = _columns(compared), []
    sizes = {id(column): _width(column) for column in columns}
    while sum(sizes[id(column)] for column in columns) - GAP > width:
        dispensable = max(columns, key=lambda column: column.spare)
        if dispensable.spare == 0:
            break
        columns.remove(dispensable)
        left_out.append(dispensable)
    return columns, left_out


def _width(column: _Column) -> int:
    """Columns of the terminal, with the gap to the next."""
    return max(Text(text).cell_len for text in (column.heading, *column.cells)) + GAP


def _how_to_read(compared: Compared) -> list[str]:
    kinds = {row.better for row in compared.rows}
    figures = {row.comparison.figure for row in compared.rows}
    of = figures.pop() if len(figures) == 1 else "the figure"
    said = f"of {of}; + is worse"
    if kinds == {"higher"}:
        said = f"of the time an item takes, the inverse of {of}; + is slower"
    elif len(kinds) > 1:
        said = f"of the cost: {of}, or its inverse where more is better; + is worse"
    lines = [f"change: {said}"]
    tested = [row for row in compared.rows if row.comparison.p_value is not None]
    if not tested:
        return lines
    theta, delta = percent(compared.theta), percent(compared.delta)
    together = f", {len(tested)} rows together" if len(tested) > 1 else ""
    falsely = f"falsely in at most {percent(compared.alpha)}{together}"
    lines.append(f"slower, faster: by over {theta}, {falsely}; same: within {delta}")
    lines.append("interval: each row for itself; detects: what 95 % of comparisons would find")
    bases: dict[str, list[Row]] = {}
    for row in tested:
        bases.setdefault(row.comparison.basis, []).append(row)
    for basis, rows in bases.items():
        lines.append(f"noise: {basis}{'' if len(bases) == 1 else f' ({_numbers(rows)})'}")
    return lines


def _reasons(compared: Compared) -> list[str]:
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in compared.rows:
        if row.comparison.reason is not None:
            about = row.comparison.verdict.value, row.comparison.reason
            grouped.setdefault(about, []).append(row)
    lines = [f"{_numbers(rows)} {verdict}: {reason}" for (verdict, reason), rows in grouped.items()]
    if any(row.comparison.verdict is Verdict.UNCLEAR for row in compared.rows):
        lines.append(f"unclear: {AGAIN}")
    return lines


def _what_differs(compared: Compared) -> list[str]:
    found = compared.differences
    lines = []
    if found.config:
        lines.append(f"differs: {some(map(_changed, found.config))}")
    if found.config_of_some:
        lines.append(f"differs in some rows or row by row: {some(found.config_of_some)}")
    if found.protocol:
        lines.append(f"measured otherwise: {some(map(_changed, found.protocol))}")
    if found.environment:
        lines.append(f"environment: {some(map(_changed, found.environment))}")
    if compared.matched_by is not None:
        same = some(compared.matched_by)
        how = f", rows agree in {same}" if same else ""
        lines.append(f"the questions are not the same{how}")
    for letter, labels in (("A", compared.only_a), ("B", compared.only_b)):
        if labels:
            lines.append(f"only in {letter}: {'; '.join(_some_labels(labels))}")
    return lines


def _some_labels(labels: Sequence[str]) -> list[str]:
    more = [f"… and {len(labels) - NAMED:,} more"] if len(labels) > NAMED else []
    return [*labels[:NAMED], *more]


def _changed(found: Change) -> str:
    return f"{found.name} {found.a} → {found.b}"


def _numbers(rows: Sequence[Row]) -> str:
    return some(f"#{row.number}" for row in rows)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, in one cell or one line."""
    quoted = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*_|\[\]~])", r"\\\1", quoted)

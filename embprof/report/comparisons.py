"""Two sets of stored runs side by side: the table, its legend, and both as Markdown."""

import html
import re
from collections.abc import Iterable

from rich.table import Table

from embprof.comparison.differences import Change
from embprof.comparison.sets import Compared
from embprof.comparison.stored import ALPHA, Outcome
from embprof.model import Verdict
from embprof.report import plain_table
from embprof.report.comparison_phrases import (
    AGAIN,
    STYLES,
    a_value,
    b_value,
    change,
    detectable,
    interval,
)
from embprof.report.plain_table import TableColumn
from embprof.report.rows import heading, numbered
from embprof.report.table import UNLIMITED, WIDTH
from embprof.statistics.verdict import DELTA, THETA
from embprof.units import counted, percent, signed

NAMED = 8
"""Rows, changes or labels that a line names before it counts the rest."""


def results(compared: Compared, width: int = WIDTH) -> Table:
    """One line per row; at most ``width`` wide, whole columns of figures left out if need be."""
    return plain_table.drawn(plain_table.fitting(_columns(compared), width)[0])


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
    left_out = plain_table.fitting(_columns(compared), width)[1]
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
    headings = [column.heading for column in columns]
    cells = zip(*(column.cells for column in columns), strict=True)
    lines = [f"**{_plain(line)}**  " for line in title(compared)]
    lines += ["", *plain_table.markdown(headings, cells, _plain), ""]
    # GitHub takes #1 for an issue.
    remarks = (
        re.sub(r"#(?=\d)", "row ", line)
        for line in (*judgement(compared), *legend(compared, UNLIMITED))
    )
    return "\n".join([*lines, *(f"- {_plain(line)}" for line in remarks)]) + "\n"


def some(items: Iterable[str], between: str = ", ") -> str:
    """The first few of them, and how many more there are."""
    every = list(items)
    more = [f"… and {len(every) - NAMED:,} more"] if len(every) > NAMED else []
    return between.join(every[:NAMED] + more)


def _columns(compared: Compared) -> list[TableColumn]:
    rows, found = compared.rows, [row.comparison for row in compared.rows]
    figures = {one.figure: one.unit for one in found}
    names = dict.fromkeys(name for row in rows for name in row.axes)
    columns = [TableColumn("#", [str(row.number) for row in rows])]
    columns += [TableColumn(heading(name), [row.axes[name] for row in rows]) for name in names]
    if len(figures) > 1:
        columns.append(TableColumn("figure", [one.figure for one in found], is_left=True))
    of = f" {next(iter(figures.values()))}".rstrip() if len(figures) == 1 else ""
    verdicts = [one.verdict for one in found]
    return [
        *columns,
        TableColumn(f"A{of}", list(map(a_value, found)), spare=2),
        TableColumn(f"B{of}", list(map(b_value, found)), spare=2),
        TableColumn("change", list(map(change, found))),
        TableColumn("95 % interval", list(map(interval, found)), spare=1),
        TableColumn(
            "verdict",
            [verdict.value for verdict in verdicts],
            is_left=True,
            styles=[STYLES.get(verdict, "yellow") for verdict in verdicts],
        ),
        TableColumn("detects", list(map(detectable, found)), spare=3),
    ]


def _how_to_read(compared: Compared) -> list[str]:
    kinds = {row.better for row in compared.rows}
    figures = {row.comparison.figure for row in compared.rows}
    of = figures.pop() if len(figures) == 1 else "the figure"
    meaning = f"of {of}; + is worse"
    if kinds == {"higher"}:
        meaning = f"of the time an item takes, the inverse of {of}; + is slower"
    elif len(kinds) > 1:
        meaning = f"of the cost: {of}, or its inverse where more is better; + is worse"
    lines = [f"change: {meaning}"]
    tested = [row for row in compared.rows if row.comparison.p_value is not None]
    if not tested:
        return lines
    theta, delta = percent(THETA), percent(DELTA)
    together = f", {len(tested)} rows together" if len(tested) > 1 else ""
    falsely = f"falsely in at most {percent(ALPHA)}{together}"
    lines.append(f"slower, faster: by over {theta}, {falsely}; same: within {delta}")
    lines.append("interval: each row for itself; detects: what 95 % of comparisons would find")
    bases: dict[str, list[str]] = {}
    for row in tested:
        bases.setdefault(row.comparison.basis, []).append(f"#{row.number}")
    for basis, rows in bases.items():
        lines.append(f"noise: {basis}{'' if len(bases) == 1 else f' ({some(rows)})'}")
    return lines


def _reasons(compared: Compared) -> list[str]:
    found = [(row.number, row.comparison) for row in compared.rows if row.comparison.reason]
    lines = numbered(((at, f"{one.verdict.value}: {one.reason}") for at, one in found), some)
    if any(row.comparison.verdict is Verdict.UNCLEAR for row in compared.rows):
        lines.append(f"unclear: {AGAIN}")
    return lines


def _what_differs(compared: Compared) -> list[str]:
    found = compared.differences
    changes = {
        "differs": map(_changed, found.config),
        "differs in some rows or row by row": found.config_of_some,
        "measured otherwise": map(_changed, found.protocol),
        "environment": map(_changed, found.environment),
    }
    lines = [f"{label}: {text}" for label, each in changes.items() if (text := some(each))]
    if compared.matched_by is not None:
        same = some(compared.matched_by)
        how = f", rows agree in {same}" if same else ""
        lines.append(f"the questions are not the same{how}")
    for letter, labels in (("A", compared.only_a), ("B", compared.only_b)):
        if labels:
            lines.append(f"only in {letter}: {some(labels, '; ')}")
    return lines


def _changed(found: Change) -> str:
    return f"{found.name} {found.a} → {found.b}"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, in one cell or one line."""
    quoted = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*_|\[\]~])", r"\\\1", quoted)

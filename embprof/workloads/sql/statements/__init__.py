"""SQL statements that are measured: what they are, where they come from, what was seen of them.

A *statement* is one SQL command with placeholders (``:topic``). An *operation* is what a caller
waits for: statements in one transaction. A *parameter* says where the value of a placeholder comes
from; it is drawn once a call, so that statements of a call speak of the same thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
"""Sets of statements that come with embprof, and the schema that they are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """One value after the other, over and over; a value alone is a constant."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A whole number from ``low`` to ``high``, both included, each as likely."""

    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A value of the one column that a query returns, a value that comes often as often.

    With ``count``, an array of so many of them.
    """

    sql: str
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An array: a column of the rows that an earlier statement of the operation returned."""

    statement: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FromRow:
    """A column of the row for which the statement is repeated."""

    column: str


Drawn = Cycle | Range | Query
"""Parameters whose values are known before the operation begins."""
Parameter = Drawn | Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement as the server takes it: ``$1`` has its value from the first of ``arguments``.

    These are by the name of the placeholder; a text is the key of a drawn parameter in the
    operation's ``parameters``. ``for_each`` names an earlier statement: this one is repeated for
    each row of it. ``is_read``: whether another statement of the operation makes use of its rows.
    ``line`` is where it stands.
    """

    name: str
    sql: str
    line: int
    arguments: Mapping[str, str | Column | FromRow]
    for_each: str | None = None
    is_read: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Statements of one transaction; ``parameters`` are drawn once a call, by key."""

    name: str
    statements: tuple[Statement, ...]
    parameters: Mapping[str, Drawn]

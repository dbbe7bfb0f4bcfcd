"""Statements and the server's words about them, each on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

SHOWN = 80
"""Characters of a statement that are enough to recognise it."""


def one_line(sql: str) -> str:
    """A statement on one line, cut short."""
    line = " ".join(sql.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def server_message(error: psycopg.Error) -> str:
    """What the server says."""
    text = error.diag.message_primary or str(error) or type(error).__name__
    hint = error.diag.message_hint
    return " ".join(f"{text}{f'; {hint}' if hint else ''}".split())

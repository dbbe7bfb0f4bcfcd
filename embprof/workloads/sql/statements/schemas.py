"""Schemas of ours in the server: one for each content, built once, and found again by its name.

Jobs of a sweep and both arms of a gate ask one server. So a schema is named by a hash of all that
decides its content; whoever needs it first builds it, the others wait for that (an advisory lock).
A table that is made last tells a whole schema from one whose building was cut off.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from embprof.errors import RequestError
from embprof.workloads.sql.statements import DATA, lexer

if TYPE_CHECKING:
    import psycopg

COMPLETE = "embprof_complete"
"""Name of the table that is made last."""
SHOWN = 80
"""Characters of a statement that are enough to recognise it."""


def generator(rows: int, seed: int) -> list[str]:
    """The statements that make claims, evidence and verdicts: ``rows`` of evidence."""
    text = (DATA / "schema.sql").read_text(encoding="utf-8")
    # As text, for placeholders stand inside of function bodies too.
    text = text.replace(":rows", str(int(rows))).replace(":seed", str(int(seed)))
    return [piece.sql for piece in lexer.split(text)]


def name(prefix: str, made_by: Sequence[str], set_up_by: Sequence[str]) -> str:
    """The name of the schema that these statements make."""
    content = json.dumps([list(made_by), list(set_up_by)])
    return f"{prefix}_sql_{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def ensure(
    connection: psycopg.Connection[Any],
    schema: str,
    made_by: Sequence[str],
    set_up_by: Sequence[str],
) -> None:
    """The schema is there and whole, its tables vacuumed and analysed.

    ``connection`` commits each statement by itself. Raises RequestError for a statement of
    ``set_up_by`` that the server refuses.
    """
    import psycopg

    lock = int.from_bytes(hashlib.sha256(schema.encode()).digest()[:8], signed=True)
    connection.execute("SELECT pg_advisory_lock(%s)", [lock])
    try:
        if _is_complete(connection, schema):
            return
        connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        connection.execute(f'CREATE SCHEMA "{schema}"')
        connection.execute(f'SET search_path = "{schema}", public')
        for sql in made_by:
            connection.execute(sql.encode())
        for sql in set_up_by:
            try:
                connection.execute(sql.encode())
            except psycopg.Error as error:
                problem = f"workload.setup_sql: {one_line(sql)}: {server_message(error)}"
                raise RequestError([problem]) from None
        # What the server would do sooner or later, and then while something is measured.
        for table in _tables(connection, schema):
            connection.execute(f'VACUUM (ANALYZE) "{schema}"."{table}"')
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            connection.execute("CHECKPOINT")
        connection.execute(f'CREATE TABLE "{schema}".{COMPLETE} ()')
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [lock])


def drop(connection: psycopg.Connection[Any], schema: str) -> None:
    """The schema is gone."""
    connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


def one_line(sql: str) -> str:
    """A statement on one line, cut short."""
    line = " ".join(sql.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def server_message(error: psycopg.Error) -> str:
    """What the server says, on one line."""
    text = error.diag.message_primary or str(error) or type(error).__name__
    hint = error.diag.message_hint
    return " ".join(f"{text}{f'; {hint}' if hint else ''}".split())


def _is_complete(connection: psycopg.Connection[Any], schema: str) -> bool:
    found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [f'"{schema}".{COMPLETE}'])
    row = found.fetchone()
    return bool(row and row[0])


def _tables(connection: psycopg.Connection[Any], schema: str) -> list[str]:
    found = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema]
    )
    return [str(row[0]) for row in found]

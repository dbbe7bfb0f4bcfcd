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

from embprof.workloads.sql.statements import DATA, lexer
from embprof.workloads.sql.statements.session import search_path
from embprof.workloads.sql.statements.set_up import add_extensions, set_up
from embprof.workloads.sql.statements.setup_script import Script

if TYPE_CHECKING:
    import psycopg

COMPLETE = "embprof_complete"
"""Name of the table that is made last."""


def generator(rows: int, seed: int) -> list[str]:
    """The statements that make claims, evidence and verdicts: ``rows`` of evidence."""
    text = (DATA / "schema.sql").read_text(encoding="utf-8")
    # As text, for placeholders stand inside of function bodies too.
    text = text.replace(":rows", str(int(rows))).replace(":seed", str(int(seed)))
    return [piece.sql for piece in lexer.split(text)]


def name(prefix: str, made_by: Sequence[str], script: Script) -> str:
    """The name of the schema that these statements make."""
    content = json.dumps([list(made_by), script.content()])
    return f"{prefix}_sql_{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def ensure(
    connection: psycopg.Connection[Any],
    schema: str,
    made_by: Sequence[str],
    script: Script,
    *,
    may_add_extensions: bool = False,
) -> tuple[str, ...]:
    """The schema is there and whole, its tables vacuumed and analysed.

    Returns the schemas that the extensions of ``script`` are in.

    ``connection`` commits each statement by itself. Raises RequestError for a statement of
    ``script`` that the server refuses, or that changes what lies outside of the schema.
    """
    import psycopg

    extended = add_extensions(connection, script, may_create=may_add_extensions)
    lock = int.from_bytes(hashlib.sha256(schema.encode()).digest()[:8], signed=True)
    connection.execute("SELECT pg_advisory_lock(%s)", [lock])
    try:
        if _is_complete(connection, schema):
            return extended
        connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        connection.execute(f'CREATE SCHEMA "{schema}"')
        connection.execute(f"SET search_path = {search_path(schema, extended)}")
        for sql in made_by:
            connection.execute(sql.encode())
        set_up(connection, schema, script)
        # What the server would do sooner or later, and then while something is measured.
        for table in _tables(connection, schema):
            connection.execute(f'VACUUM (ANALYZE) "{schema}"."{table}"')
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            connection.execute("CHECKPOINT")
        connection.execute(f'CREATE TABLE "{schema}".{COMPLETE} ()')
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [lock])
    return extended


def drop(connection: psycopg.Connection[Any], schema: str) -> None:
    """The schema is gone."""
    connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


def _is_complete(connection: psycopg.Connection[Any], schema: str) -> bool:
    found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [f'"{schema}".{COMPLETE}'])
    row = found.fetchone()
    return bool(row and row[0])


def _tables(connection: psycopg.Connection[Any], schema: str) -> list[str]:
    found = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema]
    )
    return [str(row[0]) for row in found]

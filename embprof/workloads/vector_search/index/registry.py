"""What is known of a table and its index once they are whole; of a killed build nothing is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

NOTE = "built"
"""Table with one row, written last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRecord:
    """Seconds of making the index and of making it again, megabytes, and who made it when.

    The first three are None where there is no index. ``by`` is a process: ``host:1234``.
    """

    build_s: float | None
    rebuild_s: float | None
    index_mb: float | None
    table_mb: float
    rows: int
    dimensions: int
    pgvector: str
    by: str
    at: str


def read(connection: Connection[Any], schema: str) -> BuildRecord | None:
    """What stands in the schema; None where it is not there, or not whole."""
    from psycopg.rows import class_row

    found = connection.execute("SELECT to_regclass(%s)", [f"{schema}.{NOTE}"]).fetchone()
    if found is None or found[0] is None:
        return None
    rows = connection.cursor(row_factory=class_row(BuildRecord))
    return rows.execute(f"SELECT * FROM {NOTE}").fetchone()  # noqa: S608


def write(connection: Connection[Any], built: BuildRecord) -> None:
    """Says that all is whole, in one transaction."""
    content = asdict(built)
    with connection.transaction():
        connection.execute(
            f"CREATE TABLE {NOTE} (build_s double precision, rebuild_s double precision, "
            "index_mb double precision, table_mb double precision, rows bigint, "
            "dimensions integer, pgvector text, by text, at text)"
        )
        places = ", ".join(["%s"] * len(content))
        connection.execute(
            f"INSERT INTO {NOTE} ({', '.join(content)}) VALUES ({places})",  # noqa: S608
            list(content.values()),
        )


def tell(dsn: str, schema: str) -> None:
    """Prints it as JSON, ``null`` where there is nothing; raises where nobody answers."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
        found = read(connection, schema)
    print(json.dumps(None if found is None else asdict(found)))  # noqa: T201  (its purpose)

"""Does what ``setup_sql`` says, in a schema of ours and nowhere else.

All of it is one transaction. Before it is committed the server is asked what it has changed, by the
locks that are held until then and by what is new in the catalogues: a script that would change a
user's own tables, named with or without their schema, is undone and told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embprof.errors import RequestError
from embprof.workloads.sql.statements.server_words import one_line, server_message
from embprof.workloads.sql.statements.setup_script import Script, Step

if TYPE_CHECKING:
    import psycopg

OUTSIDE = """
WITH here AS (
    SELECT oid FROM pg_namespace
    WHERE nspname IN (%(schema)s, 'pg_catalog', 'information_schema', 'pg_toast')
        OR starts_with(nspname, 'pg_temp_') OR starts_with(nspname, 'pg_toast_temp_')
), changed AS (
    SELECT c.relnamespace AS namespace, c.relname AS name
    FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation'
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
    UNION ALL
    SELECT pronamespace, proname FROM pg_proc WHERE xmin::text = %(transaction)s
    UNION ALL
    SELECT typnamespace, typname FROM pg_type
    WHERE xmin::text = %(transaction)s AND typcategory <> 'A'
)
SELECT DISTINCT namespace::regnamespace::text, name FROM changed
WHERE namespace NOT IN (SELECT oid FROM here) ORDER BY 1, 2 LIMIT 5
"""
"""What this transaction changed that is in another schema: its strong locks, and what is new."""
EXTENDED = """
SELECT DISTINCT nspname FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace
WHERE extname = ANY(%s) ORDER BY 1
"""
TRANSACTION = "SELECT (txid_current() % 4294967296)::text"


def set_up(connection: psycopg.Connection[Any], schema: str, script: Script) -> None:
    """Does all steps in ``schema``, which is there and the first that the connection looks in.

    ``connection`` commits each statement by itself. Raises RequestError.
    """
    if not script.steps:
        return
    with connection.transaction():
        for step in script.steps:
            _do(connection, schema, script, step)
        row = connection.execute(TRANSACTION).fetchone()
        asked = {"schema": schema, "transaction": row[0] if row else ""}
        found = [f"{where}.{name}" for where, name in connection.execute(OUTSIDE, asked)]
        if found:
            problem = (
                f"workload.setup_sql changes {', '.join(found)}, which it did not make: it may "
                "change what is in embprof's own schema alone; all of it was undone"
            )
            raise RequestError([problem])


def add_extensions(
    connection: psycopg.Connection[Any], script: Script, *, may_create: bool
) -> tuple[str, ...]:
    """The extensions of the script are there; returns the schemas that they are in.

    Raises RequestError where one is not, and may not be added, as to a user's own database.
    """
    import psycopg
    from psycopg.sql import SQL, Identifier

    for name, place in script.extensions:
        row = connection.execute("SELECT FROM pg_extension WHERE extname = %s", [name]).fetchone()
        if row is not None:
            continue
        if not may_create:
            problem = f"this database has no extension {name}; run CREATE EXTENSION there first"
            raise RequestError([f"{place}: {problem}"])
        try:
            create = SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public CASCADE")
            connection.execute(create.format(Identifier(name)))
        except psycopg.errors.UniqueViolation:
            continue  # made by another who asked for it at the same time
        except psycopg.Error as error:
            raise RequestError([f"{place}: {server_message(error)}"]) from None
    names = [name for name, _ in script.extensions]
    return tuple(str(row[0]) for row in connection.execute(EXTENDED, [names]))


def _do(connection: psycopg.Connection[Any], schema: str, script: Script, step: Step) -> None:
    import psycopg

    try:
        sql = script.own.moved(step.sql, schema).encode()
        if step.data is None:
            connection.execute(sql)
        else:
            with connection.cursor().copy(sql) as copy:
                copy.write(step.data)
    except psycopg.Error as error:
        problem = f"{step.place}: {one_line(step.sql)}: {server_message(error)}"
        if (where := error.diag.context) and step.data is not None:
            problem += f" ({one_line(where)})"
        raise RequestError([problem]) from None

"""What is made ready before the first call: the schema, the values to draw from, a first try."""

import contextlib
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from embprof.errors import RequestError, ServiceError
from embprof.services.postgres import package
from embprof.workloads.sql.statements import Operation, Query, schemas
from embprof.workloads.sql.statements.calls import calls
from embprof.workloads.sql.statements.server_words import server_message
from embprof.workloads.sql.statements.session import Session, Terms, Writes, connect
from embprof.workloads.sql.statements.setup_script import Script

Schema = Literal["generated", "empty", "none"]
POOL = 100_000
"""Values of a query that are drawn from, at most: of more, a part by lot."""
DRAWN = """
SELECT value FROM (
    SELECT value, row_number() OVER (PARTITION BY value) AS number FROM ({}) AS asked(value)
) AS numbered
ORDER BY md5(concat(value::text, ' ', number)) LIMIT {}
"""
"""In an order that is by lot and the same for the same values, wherever their rows lie."""


def unknown(wanted: str | Sequence[str] | None, operations: Sequence[Operation]) -> Iterator[str]:
    """Operations that are asked for and not there, as problems of the request."""
    known = [one.name for one in operations]
    for name in [wanted] if isinstance(wanted, str) else wanted or ():
        if name not in known:
            yield f"workload.operation={name}: must be one of {', '.join(known)}"
    if wanted is not None and not wanted:
        yield "workload.operation=[]: must name an operation, or be null for all"


def absent_extensions(script: Script) -> Iterator[str]:
    """Extensions that the server of a sweep does not have, as problems of the request."""
    if not script.extensions:
        return
    try:
        there = package.extensions()
    except ServiceError:  # the server says itself that it is not installed
        return
    for name, place in script.extensions:
        if name not in there:
            yield (
                f"{place}: the server that embprof starts has no extension {name} (it has "
                f"{', '.join(there)}); leave it out, or give database.dsn, a server that has it"
            )


def chosen(wanted: str | Sequence[str] | None, operations: Sequence[Operation]) -> list[Operation]:
    """The operations that are asked for; all of them for None. Raises RequestError."""
    if problems := list(unknown(wanted, operations)):
        raise RequestError(problems)
    names = [wanted] if isinstance(wanted, str) else wanted
    return [one for one in operations if names is None or one.name in names]


def stage_names(operations: Sequence[Operation]) -> dict[str, dict[str, str]]:
    """A name for each statement of each operation that tells it from all others."""
    times = Counter(statement.name for one in operations for statement in one.statements)
    return {
        one.name: {
            statement.name: statement.name
            if times[statement.name] == 1
            else f"{one.name}_{statement.name}"
            for statement in one.statements
        }
        for one in operations
    }


def terms(
    service: Mapping[str, Any],
    kind: Schema,
    *,
    writes: Writes | None,
    prepared: bool,
    statement_timeout_ms: int | None,
    settings: Mapping[str, object],
) -> Terms:
    """What holds for every connection; the schema is still to come.

    Raises ServiceError where this user may not make the schema that is asked for.
    """
    if kind != "none" and not service.get("may_create", True):
        raise ServiceError(
            f"workload.schema={kind}: this user may make no schemas in {service.get('name')}; "
            "workload.schema=none asks what is there"
        )
    switches = {True: "on", False: "off"}
    return Terms(
        dsn=str(service["dsn"]),
        schema=None,
        writes=writes or ("refuse" if kind == "none" else "roll_back"),
        prepared=prepared,
        statement_timeout_ms=statement_timeout_ms,
        settings={
            name: switches[value] if isinstance(value, bool) else str(value)
            for name, value in settings.items()
            if value is not None
        },
    )


def in_schema(
    terms: Terms,
    kind: Schema,
    *,
    made_by: Sequence[str],
    script: Script,
    service: Mapping[str, Any],
) -> Terms:
    """The terms with the schema that is asked for, which is there by then.

    Where calls change what is in it, it is made for this process alone. Raises ServiceError and
    RequestError.
    """
    if kind == "none":
        return terms
    name = schemas.name(str(service["schema_prefix"]), made_by, script)
    if terms.writes == "commit":
        name += f"_{uuid.uuid4().hex[:8]}"
    # Nothing of how calls are made holds for the building of what they find.
    plain = replace(terms, writes="commit", prepared=False, statement_timeout_ms=None, settings={})
    with contextlib.closing(connect(plain)) as connection:
        extended = schemas.ensure(
            connection, name, made_by, script, may_add_extensions=bool(service.get("is_embedded"))
        )
    return replace(terms, schema=name, extended=extended)


def pools(session: Session, operations: Sequence[Operation], source: str) -> dict[Query, list[Any]]:
    """The values of every query that parameters draw from; raises RequestError.

    ``source`` is what the user calls the file of these operations.
    """
    import psycopg

    found: dict[Query, list[Any]] = {}
    for operation in operations:
        for key, query in operation.parameters.items():
            if not isinstance(query, Query) or query in found:
                continue
            what = f"{source}: operation {operation.name}, parameter {key}"
            try:
                session.command(session.begin)
                rows = session.cursor.execute(DRAWN.format(query.sql, POOL).encode()).fetchall()
            except psycopg.Error as error:
                raise RequestError([f"{what}: {server_message(error)}"]) from None
            finally:
                session.roll_back()
            if not rows:
                raise RequestError([f"{what}: its query returns no rows to draw from"])
            found[query] = [row[0] for row in rows]
    return found


def rehearse(
    session: Session,
    operations: Sequence[Operation],
    drawn: Mapping[Query, Sequence[Any]],
    source: str,
) -> None:
    """One call of each operation, so that what the server refuses is told before measuring.

    Raises RequestError, naming the statement.
    """
    import psycopg

    for operation in operations:
        call = next(calls([operation], drawn, seed=0))
        try:
            session.call(call)
        except (psycopg.Error, LookupError) as error:
            reason = str(error)
            if isinstance(error, psycopg.Error):
                reason = server_message(error)
            place = f"operation {operation.name}"
            if (last := session.last_statement) is not None:
                place += f", statement {last.name} (line {last.line})"
            raise RequestError([f"{source}: {place}: {reason}"]) from None

"""What is found out about statements when all is measured: their times, their plans, their tables.

Physics: EXPLAIN (ANALYZE) runs a statement, and reads the clock for each row of each node, so it is
slower than the statement alone and is never done while measuring. Its shares and row counts are
those of the server's own work; what the client waits for is timed beside it.

What can go wrong: values drawn once may be unusual ones, so several draws are explained and the one
in the middle is kept; statements that write are undone by a savepoint around EXPLAIN, and the whole
transaction is rolled back in the end. A statement that the server has prepared may run by a generic
plan, which is not made for its values; so the prepared statement itself is explained.
"""

import contextlib
import math
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from embprof.workloads.sql.statements import Statement, lexer, plans
from embprof.workloads.sql.statements.calls import Call, Rows, perform
from embprof.workloads.sql.statements.session import Session

SECONDS, MOST_CALLS = 1.0, 200
"""Calls of each operation that are timed: until one of these is reached, one at the least."""
DRAWS = 3
"""Calls of each operation whose statements are explained."""
EXPLAINED = (
    *("select", "with", "insert", "update", "delete", "merge", "values", "table", "("),
    *("execute", "declare"),
)
"""First words of statements that have a plan."""
EXPLAIN = "EXPLAIN (ANALYZE, VERBOSE, BUFFERS, FORMAT JSON) "
COUNTED_SINCE = 14_00_00
"""The version from which the server counts plans of prepared statements."""
PREPARED = """
SELECT name, generic_plans FROM pg_prepared_statements
WHERE statement = %s ORDER BY generic_plans + custom_plans DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """``generic``: whether it was made for no values in particular."""

    plan: Mapping[str, Any]
    values: Sequence[Any]
    generic: bool


@dataclass(slots=True, kw_only=True)
class _StatementReadings:
    """One statement of an operation: executions in each call, seconds of each, and its plans."""

    statement: Statement
    executions: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    plans: list[_Plan] = field(default_factory=list)


def look(session: Session, calls: Mapping[str, Iterator[Call]]) -> list[dict[str, Any]]:
    """Times and plans of every operation, as ``plans.json`` has them; calls by operation.

    Raises psycopg.Error.
    """
    return [_operation(session, name, drawn) for name, drawn in calls.items()]


def relations(operations: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Schema and name of every table that the plans read or write."""
    return {
        node.table
        for operation in operations
        for statement in operation["statements"]
        for node, _ in plans.of(statement)
        if node.table is not None
    }


def _operation(session: Session, name: str, calls: Iterator[Call]) -> dict[str, Any]:
    seen: dict[str, _StatementReadings] = {}
    seconds: list[float] = []
    began = time.perf_counter()
    while not seconds or (len(seconds) < MOST_CALLS and time.perf_counter() - began < SECONDS):
        call = next(calls)
        started = time.perf_counter()
        executions = session.timed_call(call)
        seconds.append(time.perf_counter() - started)
        for statement in call.statements:
            one = seen.setdefault(statement.name, _StatementReadings(statement=statement))
            times = executions.get(statement.name, [])
            one.executions.append(len(times))
            one.seconds += times
    for _ in range(DRAWS):
        _explain(session, next(calls), seen)
    total = sum(seconds)
    return {
        "operation": name,
        "calls": len(seconds),
        "ms": 1e3 * total / len(seconds),
        "statements": [_statement(one, total, len(seconds)) for one in seen.values()],
    }


def _explain(session: Session, call: Call, seen: Mapping[str, _StatementReadings]) -> None:
    """The plans of one call's statements, the first execution of each; all of it undone."""
    explained: set[str] = set()

    def ask(statement: Statement, values: Sequence[Any]) -> Rows:
        if statement.name not in explained and has_plan(statement.sql):
            explained.add(statement.name)
            seen[statement.name].plans.append(_plan(session, statement, values))
        return session.ask(statement, values)

    session.command(session.begin)
    try:
        perform(call, ask)
    finally:
        session.roll_back()


def _plan(session: Session, statement: Statement, values: Sequence[Any]) -> _Plan:
    """The plan by which the statement runs with these values, and what it did, undone."""
    from psycopg import DataError

    prepared = _prepared_name(session, statement)
    if prepared is not None:
        name, generic = prepared
        with contextlib.suppress(DataError), _undone(session):  # prepared for shorter numbers
            plan = _explain_plan(session, _execute(session, name, values), ())
            after = _prepared_name(session, statement)
            is_generic = after is not None and after[1] > generic
            return _Plan(plan=plan, values=values, generic=is_generic)
    with _undone(session):
        plan = _explain_plan(session, statement.sql, values)
    return _Plan(plan=plan, values=values, generic=False)


@contextlib.contextmanager
def _undone(session: Session) -> Iterator[None]:
    session.command(b"SAVEPOINT explained")
    try:
        yield
    finally:
        session.command(b"ROLLBACK TO SAVEPOINT explained")


def _explain_plan(session: Session, sql: str, values: Sequence[Any]) -> Mapping[str, Any]:
    row = session.cursor.execute((EXPLAIN + sql).encode(), values, prepare=False).fetchone()
    assert row is not None
    plan: Mapping[str, Any] = _without_output(row[0][0])
    return plan


def _prepared_name(session: Session, statement: Statement) -> tuple[str, int] | None:
    """Name of the statement on the server, and how often a generic plan was taken for it."""
    if session.connection.info.server_version < COUNTED_SINCE:
        return None
    found = session.connection.execute(PREPARED, [statement.sql], prepare=False).fetchone()
    return None if found is None else (str(found[0]), int(found[1]))


def _execute(session: Session, name: str, values: Sequence[Any]) -> str:
    from psycopg.sql import Identifier, Literal

    given = ", ".join(Literal(value).as_string(session.connection) for value in values)
    execute = f"EXECUTE {Identifier(name).as_string(session.connection)}"
    return f"{execute}({given})" if given else execute


def has_plan(sql: str) -> bool:
    """Whether PostgreSQL can explain the statement."""
    return lexer.begins_with(sql, EXPLAINED) is not None


def _statement(one: _StatementReadings, total: float, calls: int) -> dict[str, Any]:
    plans = sorted(one.plans, key=lambda plan: float(plan.plan["Execution Time"]))
    plan = plans[len(plans) // 2] if plans else None
    times = [1e3 * seconds for seconds in one.seconds] or [0.0]
    return {
        "statement": one.statement.name,
        "sql": one.statement.sql,
        "fingerprint": lexer.fingerprint(one.statement.sql),
        "executions": sum(one.executions) / calls,
        "ms": statistics.fmean(times),
        "p50_ms": statistics.median(times),
        "p95_ms": sorted(times)[math.ceil(0.95 * len(times)) - 1],
        "percent": 100 * sum(one.seconds) / total,
        "values": [str(value) for value in plan.values] if plan is not None else [],
        "generic": plan is not None and plan.generic and bool(plan.values),
        "plan": plan.plan if plan is not None else None,
    }


def _without_output(plan: Any) -> Any:
    """A plan without the lists of what each node puts out, which are long and of no use here."""
    if isinstance(plan, dict):
        return {key: _without_output(value) for key, value in plan.items() if key != "Output"}
    if isinstance(plan, list):
        return [_without_output(one) for one in plan]
    return plan

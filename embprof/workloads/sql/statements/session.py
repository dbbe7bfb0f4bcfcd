"""A connection for one thread: transactions begun and ended, statements asked and timed.

What happens here is what is measured: rows are fetched, statements are prepared as the driver does,
from the fifth time (or never), and begin and end of the transaction are round trips of their own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from embprof.errors import RequestError, ServiceError
from embprof.interface.stages import StageTimer
from embprof.workloads.sql.statements import Statement
from embprof.workloads.sql.statements.calls import NO_ROWS, Ask, Call, Rows, perform
from embprof.workloads.sql.statements.server_words import server_message

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGresult

Writes = Literal["refuse", "roll_back", "commit"]
ENDS: Mapping[Writes, str] = {"refuse": "commit", "roll_back": "rollback", "commit": "commit"}
"""What ends a transaction, which is the name of its stage too."""
PREPARE_AFTER = 5
"""Executions after which a statement is prepared on the server: psycopg's own number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for every connection. ``settings`` are of the server, by name.

    Names are looked for in ``schema``, then in public, then in those with extensions of a script.
    """

    dsn: str
    schema: str | None
    writes: Writes
    prepared: bool
    statement_timeout_ms: int | None
    settings: Mapping[str, str]
    extended: tuple[str, ...] = ()


def search_path(schema: str, extended: Sequence[str]) -> str:
    """Where names are looked for: there, in public, in these, as a setting of the server."""
    names = dict.fromkeys((schema, "public", *extended))
    quoted = (one.replace('"', '""') for one in names if one != "pg_catalog")
    return ", ".join(f'"{one}"' for one in quoted)


def connect(terms: Terms) -> psycopg.Connection[Any]:
    """A connection that commits each statement by itself, with its settings made.

    Raises ServiceError where the server does not answer, RequestError for a wrong setting.
    """
    import psycopg

    try:
        connection = psycopg.connect(
            terms.dsn,
            autocommit=True,
            application_name="embprof",
            client_encoding="utf8",
            prepare_threshold=PREPARE_AFTER if terms.prepared else None,
        )
    except psycopg.OperationalError as error:
        raise ServiceError(
            f"the database does not answer: {' '.join(str(error).split())}"
        ) from None
    wanted = dict(terms.settings)
    if terms.writes == "refuse":
        wanted["default_transaction_read_only"] = "on"
    if terms.statement_timeout_ms is not None:
        wanted["statement_timeout"] = f"{terms.statement_timeout_ms}ms"
    if terms.schema is not None:
        wanted["search_path"] = search_path(terms.schema, terms.extended)
    for setting, value in wanted.items():
        try:
            connection.execute("SELECT set_config(%s, %s, false)", [setting, value])
        except psycopg.Error as error:
            connection.close()
            problem = f"workload.settings.{setting}={value}: {server_message(error)}"
            raise RequestError([problem]) from None
    return connection


class Session:
    """Makes calls on a connection of its own, one at a time.

    ``last_statement`` is the last that was sent, ``begin`` what begins a transaction.
    """

    def __init__(self, terms: Terms) -> None:
        from psycopg import RawCursor

        self.connection = connect(terms)
        self.cursor = RawCursor(self.connection)
        self.begin = b"BEGIN READ ONLY" if terms.writes == "refuse" else b"BEGIN"
        self._end_stage = ENDS[terms.writes]
        self._end = self._end_stage.upper().encode()
        self.last_statement: Statement | None = None

    def call(self, call: Call) -> None:
        """One transaction; what was begun is rolled back where it fails.

        Raises psycopg.Error, and LookupError as :func:`perform` does.
        """
        self._transaction(call, self.ask)

    def timed_call(self, call: Call) -> dict[str, list[float]]:
        """As :meth:`call`; seconds of each execution, by statement."""
        seconds: dict[str, list[float]] = {}

        def ask(statement: Statement, values: Sequence[Any]) -> Rows:
            started = time.perf_counter()
            rows = self.ask(statement, values)
            seconds.setdefault(statement.name, []).append(time.perf_counter() - started)
            return rows

        self._transaction(call, ask)
        return seconds

    def staged_call(self, call: Call, timer: StageTimer, names: Mapping[str, str]) -> None:
        """As :meth:`call`, with a stage for each statement, for the begin and for the end.

        ``names`` has a stage's name for each statement's.
        """

        def ask(statement: Statement, values: Sequence[Any]) -> Rows:
            with timer.stage(names[statement.name]):
                return self.ask(statement, values)

        with timer.stage("begin"):
            self.command(self.begin)
        self._perform(call, ask)
        with timer.stage(self._end_stage):
            self.command(self._end)

    def ask(self, statement: Statement, values: Sequence[Any]) -> Rows:
        """Sends a statement and fetches all its rows."""
        cursor, self.last_statement = self.cursor, statement
        cursor.execute(statement.sql.encode(), values)
        if cursor.rownumber is None:
            return NO_ROWS  # it is none of those that return rows
        rows = cursor.fetchall()
        if not statement.is_read:
            return NO_ROWS
        return Rows(columns=tuple(column.name for column in cursor.description or ()), rows=rows)

    def command(self, sql: bytes) -> None:
        """Sends what begins or ends a transaction.

        Not through the cursor: psycopg forgets all prepared statements when it sees a rollback.
        """
        from psycopg.errors import error_from_result
        from psycopg.pq import ExecStatus

        result: PGresult = self.connection.pgconn.exec_(sql)
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)

    def roll_back(self) -> None:
        """Undoes what was begun; nothing where the connection is lost."""
        if not self.connection.closed:
            self.connection.pgconn.exec_(b"ROLLBACK")

    def close(self) -> None:
        """Ends the connection."""
        self.connection.close()

    def _transaction(self, call: Call, ask: Ask) -> None:
        self.command(self.begin)
        self._perform(call, ask)
        self.command(self._end)

    def _perform(self, call: Call, ask: Ask) -> None:
        try:
            perform(call, ask)
        except BaseException:
            self.roll_back()
            raise

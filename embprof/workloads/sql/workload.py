"""Operations of SQL statements against PostgreSQL, as a service asks them.

An operation is what a caller waits for: the statements of one transaction, with the round trips
that begin and end it. What can go wrong, and what is done: values that are always the same, which
caches answer (they are drawn under the seed); writes that change what later calls meet (a
transaction is rolled back unless told otherwise); a user's own database (transactions are read-only
there unless told otherwise); looking at plans, which costs, while calls are timed (it is done at
the end).
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr

from embprof.errors import CallFailedError
from embprof.interface.host_stages import HostStages
from embprof.interface.inputs_ahead import Ahead
from embprof.machine.process_tree import cpu_seconds
from embprof.model import Samples
from embprof.workloads.sql.statements import (
    calls,
    observations,
    patterns,
    plan_text,
    preparation,
    schemas,
    tables,
)
from embprof.workloads.sql.statements.calls import Call
from embprof.workloads.sql.statements.server_words import server_message
from embprof.workloads.sql.statements.session import ENDS, Session, Terms
from embprof.workloads.sql.statements.source import Source


@dataclass(kw_only=True)
class Sql(HostStages):
    """One operation per step, each transaction on the calling thread's own connection."""

    account: ClassVar[str] = "embprof.workloads.sql.account.SQL"

    imports: ClassVar[tuple[str, ...]] = ("psycopg",)

    service: Mapping[str, Any]
    corpus: Source
    statements: Annotated[
        StrictStr,
        Field(
            min_length=1,
            description="A set that comes with embprof, or a YAML or SQL file of yours.",
        ),
    ]
    operation: Annotated[
        StrictStr | list[StrictStr] | None,
        Field(description="Which operations of it are measured, in turn; null is all."),
    ]
    schema: Annotated[
        Literal["generated", "empty", "none"],
        Field(
            description="What statements meet: claims, evidence and verdicts made by embprof; an "
            "empty schema that setup_sql fills; or none of ours, but what lies in database.dsn."
        ),
    ]
    rows: Annotated[
        StrictInt, Field(ge=1, le=1_000_000, description="Rows of evidence, the largest table.")
    ]
    setup_sql: Annotated[
        StrictStr | list[StrictStr] | None,
        Field(
            description="SQL, or paths of .sql files (from the folder of the command), such as a "
            "dump, run once in our schema when it is filled; schemas that are set up differently "
            "lie beside each other."
        ),
    ]
    writes: Annotated[
        Literal["refuse", "roll_back", "commit"] | None,
        Field(
            description="Transactions are read-only, rolled back or committed; null is refuse with "
            "schema=none, else roll_back."
        ),
    ]
    prepared: Annotated[
        StrictBool,
        Field(description="Prepare a statement on the server from its fifth execution on."),
    ]
    statement_timeout_ms: Annotated[
        StrictInt | None,
        Field(ge=1, le=3_600_000, description="When the server ends a statement; null is never."),
    ]
    settings: Annotated[
        dict[StrictStr, StrictStr | StrictInt | StrictBool | float | None],
        Field(description="Settings of the server for our connections; null leaves one as it is."),
    ]
    seed: int
    items: str = field(default="operations", init=False)

    def __post_init__(self) -> None:
        """Nothing is connected yet."""
        self._terms: Terms | None = None
        self._lock = threading.Lock()
        self._sessions: list[Session] = []
        self._local = threading.local()
        self._read: dict[str, list[float]] | None = None
        self._observed: dict[str, Any] | None = None

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """Operations that are not there, and schemas that cannot be what they are asked to be."""
        workload = config["workload"]
        if workload["schema"] == "none":
            service = workload["service"]
            if isinstance(service, Mapping) and service.get("dsn") is None:
                yield (
                    "workload.schema=none: the server that embprof starts is empty; give the "
                    "address of yours as database.dsn"
                )
            if workload["setup_sql"] is not None:
                yield (
                    "workload.setup_sql: embprof sets up schemas of its own alone; with "
                    "workload.schema=none set up the database yourself"
                )
        source = Source(statements=workload["statements"], setup_sql=workload["setup_sql"])
        problems = source.problems()
        yield from problems or preparation.unknown(workload["operation"], source.operations())
        if not problems and workload["service"].get("dsn") is None:
            yield from preparation.absent_extensions(source.setup())

    def make_ready(self) -> None:
        """Makes the schema, if it is one of ours and nobody has made it yet.

        Raises ServiceError and RequestError.
        """
        self._operations = preparation.chosen(self.operation, self.corpus.operations())
        terms = preparation.terms(
            self.service,
            self.schema,
            writes=self.writes,
            prepared=self.prepared,
            statement_timeout_ms=self.statement_timeout_ms,
            settings=self.settings,
        )
        made_by = schemas.generator(self.rows, self.seed) if self.schema == "generated" else []
        self._terms = preparation.in_schema(
            terms,
            self.schema,
            made_by=made_by,
            script=self.corpus.setup(),
            service=self.service,
        )

    def load(self) -> None:
        """Connects, reads the values to draw from, and makes one call of each operation.

        Raises ServiceError and RequestError.
        """
        if self._terms is None:
            self.make_ready()
        self._stages = preparation.stage_names(self._operations)
        session = self._session()
        source = f"workload.statements={self.statements}"
        self._pools = preparation.pools(session, self._operations, source)
        preparation.rehearse(session, self._operations, self._pools, source)
        drawn = calls.calls(self._operations, self._pools, self.seed)
        self._inputs: Ahead[Call] = Ahead(lambda: next(drawn))

    def prepare(self, steps: int) -> None:
        """Draws the values of the next steps."""
        self._inputs.prepare(steps)

    def step(self) -> int:
        """One operation; all rows are fetched and the transaction has ended by then.

        Raises CallFailedError where the server ended or refused it.
        """
        import psycopg

        call = self._inputs.take()
        session = self._session()
        try:
            if self._timer is not None:
                session.staged_call(call, self._timer, self._stages[call.operation])
            elif self._read is not None:
                self._keep(call, session.timed_call(call))
            else:
                session.call(call)
        except psycopg.Error as error:
            is_timeout = isinstance(error, psycopg.errors.QueryCanceled)
            raise CallFailedError(
                "timeout" if is_timeout else "error",
                f"operation {call.operation}: {server_message(error)}",
            ) from error
        return 1

    def stages(self) -> Sequence[str]:
        """The statements, between the round trips that begin and end a transaction."""
        names = (name for one in self._stages.values() for name in one.values())
        return ["begin", *names, ENDS[self._ready_terms.writes]]

    def readings(self) -> Sequence[Samples]:
        """Milliseconds of an execution of each statement, the mean of each call since the last.

        Nothing is kept before it was asked for once.
        """
        with self._lock:
            read, self._read = self._read or {}, {}
        return [
            Samples(name=f"statement_{name}", unit="ms", better="lower", values=tuple(values))
            for name, values in read.items()
        ]

    def quality(self) -> Sequence[Samples]:
        """The slowest statement's time, scans of large tables, most executions of a statement."""
        return patterns.samples(self._look()["operations"])

    def files(self) -> Sequence[Path]:
        """Times and plans of all statements, for programs and to read."""
        return plan_text.write_plans(self._look())

    def server_cpu_seconds(self) -> float:
        """CPU seconds of the server, if it runs on this machine."""
        return cpu_seconds(self.service["pid"])

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """What was asked of which server, with the settings that decide plans and times."""
        return {
            "server": str(self.service.get("name")),
            "operations": " ".join(one.name for one in self._operations),
            "statements_sha256": self.corpus.fingerprint(),
            "database_schema": self._ready_terms.schema,
            "writes": self._ready_terms.writes,
            **tables.settings(self._session().connection),
        }

    def close(self) -> None:
        """Ends all connections, and removes a schema that was made for this worker alone."""
        with self._lock:
            sessions, self._sessions = self._sessions, []
        terms = self._terms
        if sessions and terms is not None and terms.schema is not None and terms.writes == "commit":
            schemas.drop(sessions[0].connection, terms.schema)
        for session in sessions:
            session.close()

    @property
    def _ready_terms(self) -> Terms:
        assert self._terms is not None  # load has been called
        return self._terms

    def _session(self) -> Session:
        """The calling thread's; a lost connection is made anew."""
        session: Session | None = getattr(self._local, "session", None)
        if session is None or session.connection.closed:
            session = self._local.session = Session(self._ready_terms)
            with self._lock:
                self._sessions.append(session)
        return session

    def _keep(self, call: Call, seconds: Mapping[str, Sequence[float]]) -> None:
        with self._lock:
            read = self._read
            if read is None:
                return
            for name, times in seconds.items():
                kept = read.setdefault(self._stages[call.operation][name], [])
                kept.append(1e3 * sum(times) / len(times))

    def _look(self) -> dict[str, Any]:
        """Times and plans, found out once."""
        if self._observed is None:
            session = self._session()
            drawn = {
                one.name: calls.calls([one], self._pools, self.seed) for one in self._operations
            }
            operations = observations.look(session, drawn)
            self._observed = {
                "schema_version": 1,
                **self.description(),
                "operations": operations,
                "tables": tables.tables(session.connection, observations.relations(operations)),
            }
        return self._observed

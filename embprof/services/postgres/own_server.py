"""The user's own server: looked at when the sweep starts, tidied when it ends.

Nothing is created here. What the workloads of a sweep create lies in schemas whose names begin with
a prefix of that sweep, and those are dropped, whoever owns what is in them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embprof.errors import ServiceError
from embprof.services.postgres import address, pool, server_facts
from embprof.services.postgres import folder as folders
from embprof.services.postgres.folder import Folder

if TYPE_CHECKING:
    from psycopg import Connection

CONNECT_SECONDS = 5
DROP_SECONDS = 10.0
"""Between the first and the last attempt to drop a schema that somebody uses."""
ATTEMPT = "2s"
HINTS = (
    ("password", f"{address.ELSEWHERE}; an address with a password is not taken"),
    ("authentication", "check user, password and the server's pg_hba.conf"),
    ("pg_hba.conf", "the server's pg_hba.conf must let this user in from here"),
    ("does not exist", "check the names in the address; createdb makes a database"),
    ("too many", "the server has no connection left: raise its max_connections"),
    ("starting up", "wait until the server is up"),
    ("resolve", "check the host's name"),
    ("", "is the server running, and reachable from here? pg_isready asks the same"),
)
"""What to do, by a word in what libpq or the server said; the first that fits."""


RECORD = "server.json"
"""In a sweep's folder while schemas of it may exist on the user's server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Which server, and how the names of the schemas begin."""

    dsn: str
    schema_prefix: str


@contextlib.contextmanager
def server(dsn: str, tell: Callable[..., None]) -> Iterator[tuple[Mapping[str, Any], None]]:
    """Facts of the server at that address; the schemas of this sweep are dropped afterwards.

    Raises ServiceError when it cannot be asked, or only through a pool that shares connections, or
    when schemas stay behind; a record of them does too, which the next sweep here finds.
    """
    record = Record(dsn=dsn, schema_prefix=f"embprof_{secrets.token_hex(4)}")
    with connected(dsn) as connection:
        if (shared := pool.problem(connection, lambda: connected(dsn))) is not None:
            raise ServiceError(f"database.dsn={dsn}: this address {shared}")
        known = server_facts.facts(connection)
        info = connection.info
        place = f"{info.host or 'this machine'}:{info.port}, database {info.dbname}"
        facts = {
            **dataclasses.asdict(record),
            **known,
            "pid": server_facts.main_process(connection),
            "is_embedded": False,
            "name": f"PostgreSQL {known['version']} ({place})",
        }
    tell(say=f"using {facts['name']}")
    folder = folders.make(for_others=False)
    tell(folder=str(folder.path))
    (folder.path / RECORD).write_text(json.dumps(dataclasses.asdict(record)), encoding="utf-8")
    try:
        yield facts, None
    finally:
        drop(record)
        folders.remove(folder)


def read_record(folder: Folder) -> Record | None:
    """The record in a folder, None if it is that of a server of a sweep's own."""
    with contextlib.suppress(OSError):
        return Record(**json.loads((folder.path / RECORD).read_text(encoding="utf-8")))
    return None


@contextlib.contextmanager
def connected(dsn: str) -> Iterator[Connection[Any]]:
    """A connection without transactions; raises ServiceError when there is none to be had."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    wrong = address.problem(dsn)
    if wrong is not None:
        raise ServiceError(f"database.dsn {wrong}")
    ours: dict[str, str | int | None] = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "embprof",
        "client_encoding": "utf8",  # of a database in SQL_ASCII texts would come as bytes
    }
    try:
        connection = psycopg.connect(
            make_conninfo(dsn, **{**ours, **conninfo_to_dict(dsn)}), autocommit=True
        )
    except psycopg.Error as error:
        reason = " ".join(str(error).split()).removeprefix("connection failed: ")
        hint = next(hint for word, hint in HINTS if word in reason)
        raise ServiceError(f"database.dsn={dsn}: {reason}; {hint}") from None
    with connection:
        yield connection


def drop(record: Record) -> None:
    """Drops the schemas of a sweep, with all that is in them.

    A worker that was killed may have left the server at work in one of them, on an index for
    minutes: its session is ended. Raises ServiceError when a schema stays.
    """
    import psycopg
    from psycopg import sql

    prefix = record.schema_prefix
    end = time.monotonic() + DROP_SECONDS
    try:
        with connected(record.dsn) as connection:
            connection.execute(f"SET lock_timeout = '{ATTEMPT}'; SET statement_timeout = 0")
            for (name,) in connection.execute(SCHEMAS, [prefix]).fetchall():
                statement = sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name))
                while True:
                    try:
                        connection.execute("SELECT pg_terminate_backend(pid) " + USERS, [prefix])
                        connection.execute(statement)
                        break
                    except psycopg.errors.LockNotAvailable:
                        if time.monotonic() > end:
                            raise
    except (psycopg.Error, ServiceError) as error:
        raise ServiceError(
            f"schemas {prefix}_… may be left on the server: {' '.join(str(error).split())}; the "
            "next sweep on this machine with this database.dsn drops them"
        ) from None


SCHEMAS = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)"
USERS = """
FROM (
    SELECT DISTINCT l.pid
    FROM pg_locks l
    JOIN pg_class c ON c.oid = l.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
    JOIN pg_stat_activity a ON a.pid = l.pid AND a.usename = current_user
    WHERE starts_with(n.nspname, %s) AND l.pid <> pg_backend_pid()
) AS users
"""
"""This user's other sessions that hold or await a lock on something in those schemas."""

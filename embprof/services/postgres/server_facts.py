"""What is told of a server, asked of itself."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
from typing import TYPE_CHECKING, Any, LiteralString

import psutil

if TYPE_CHECKING:
    from psycopg import Connection

SETTINGS = (
    *("shared_buffers", "work_mem", "maintenance_work_mem", "effective_cache_size"),
    *("random_page_cost", "max_parallel_workers_per_gather", "max_parallel_maintenance_workers"),
    *("jit", "fsync", "synchronous_commit"),
    *("autovacuum", "checkpoint_timeout", "max_wal_size", "max_connections"),
)
"""What decides speed, so that a figure can be read with it."""
CLOCKS_SECONDS = 5.0
"""How far the start of a process and that of its session may lie apart."""


def facts(connection: Connection[Any]) -> dict[str, Any]:
    """Version, speed settings, pgvector's version and rights of a server, as workloads get them."""

    def ask(query: LiteralString, *values: str) -> Any:
        row = connection.execute(query, values).fetchone()
        assert row is not None
        return row[0]

    return {
        "version": ask("SHOW server_version").split()[0],
        "settings": {name: ask("SELECT current_setting(%s, true)", name) for name in SETTINGS},
        "pgvector": ask(
            "SELECT max(coalesce(installed_version, default_version)) "
            "FROM pg_available_extensions WHERE name = 'vector'"
        ),
        "may_create": ask(
            "SELECT NOT pg_is_in_recovery() "
            "AND has_database_privilege(current_database(), 'CREATE')"
        ),
    }


def main_process(connection: Connection[Any]) -> int | None:
    """The server's main process (postmaster), None unless it surely runs on this machine.

    The server says which process answers this connection; in a container, or behind a tunnel, that
    number means another process here, or none, so its name and its start are looked at.
    """
    if not _is_local(connection):
        return None
    row = connection.execute(
        "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    ).fetchone()
    if row is None:
        return None
    pid, started = row
    assert isinstance(started, dt.datetime)
    with contextlib.suppress(psutil.Error):
        answering = psutil.Process(pid)
        apart = abs(answering.create_time() - started.timestamp())
        if "postgres" in answering.name() and apart < CLOCKS_SECONDS:
            main = answering.parent()
            return main.pid if main is not None and "postgres" in main.name() else None
    return None


def _is_local(connection: Connection[Any]) -> bool:
    with socket.socket(fileno=socket.dup(connection.fileno())) as ours:
        if ours.family == socket.AF_UNIX:
            return True
        return bool(ours.getsockname()[0] == ours.getpeername()[0])

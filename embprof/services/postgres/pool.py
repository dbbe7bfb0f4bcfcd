"""Whether a pool stands before the server that shares one connection between programs.

What a program sets for its session (where names are looked for, a time limit) and the locks that it
takes stay with the connection. A pool in transaction mode gives that to somebody else next, who
would then find our tables in place of theirs; so such a pool is not used.

A server tells a client the number of the process that answers it; a pool tells one that it made up.
Source: pgbouncer's documentation, ``pool_mode``; PostgreSQL 18, 54.2.1 (BackendKeyData).
"""

from __future__ import annotations

import select
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

TRIES = 4
SECONDS = 5.0
"""A pool that has no other connection left lets a second client wait."""


def problem(
    first: Connection[Any], connect: Callable[[], AbstractContextManager[Connection[Any]]]
) -> str | None:
    """Why the server is not asked this way; None if it may be. ``connect`` makes connections."""
    if _process(first) == first.info.backend_pid:
        return None
    with connect() as second:
        for _ in range(TRIES):
            ours, theirs = _process(first), _process(second)
            if theirs is None:
                return None  # it waits for a connection of its own
            if ours == theirs or ours != _process(first):
                return (
                    "is that of a pool which shares connections between programs (pgbouncer's "
                    "pool_mode=transaction): what embprof sets there would hold for others; give "
                    "the server's own address, or a pool with pool_mode=session"
                )
    return None


def _process(connection: Connection[Any]) -> int | None:
    """The server's process that answers now; None if none does for a while."""
    connection.pgconn.send_query(b"SELECT pg_backend_pid()")
    if not select.select([connection.fileno()], [], [], SECONDS)[0]:
        return None
    result, value = connection.pgconn.get_result(), None
    while result is not None:
        value = result.get_value(0, 0) if result.ntuples else value
        result = connection.pgconn.get_result()
    return int(value) if value is not None else None

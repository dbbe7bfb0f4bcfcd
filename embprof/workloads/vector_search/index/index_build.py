"""Makes a table of vectors and its index, once for each content; whole, or not at all.

Physics: an index is made after the rows are there, as pgvector advises: it is faster, and IVFFlat's
centres are found among them. They are found at random, as the levels of HNSW are: the same index
made again is another one, of nearly the same recall.

What can go wrong, and what is done: two jobs make it at once (an advisory lock, and a look whether
it is there by now); a build is killed (the note that it is whole is written last, and what lies
there without it is removed); the server cleans up, or writes out what is new, while queries are
measured (VACUUM and CHECKPOINT are done here, as far as this user may).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import Connection, sql

from embprof.units import utc_now
from embprof.workloads.vector_search.index import registry
from embprof.workloads.vector_search.index.connection import connect
from embprof.workloads.vector_search.index.index import NAME, TABLE
from embprof.workloads.vector_search.index.recipe import Recipe
from embprof.workloads.vector_search.index.registry import BuildRecord
from embprof.workloads.vector_search.vectors import Say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEGA = 1_000_000
VERSION = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"


def make(recipe: Recipe, say: Say) -> None:
    """Makes it unless it is there; returns when it is, whoever made it."""
    schema = recipe.schema()
    recipe.source.make(say)
    vectors = recipe.source.corpus(say)
    with contextlib.closing(connect(recipe.service, schema)) as connection:
        # A query of a client that is gone would go on to its end otherwise.
        connection.execute("SET client_connection_check_interval = '1s'")
        connection.execute("SELECT pg_advisory_lock(%s)", [_lock(schema)])
        if registry.read(connection, schema) is None:
            _make(connection, schema, recipe, vectors, say)


def _make(
    connection: Connection[Any], schema: str, recipe: Recipe, vectors: NDArray[np.float32], say: Say
) -> None:
    rows, dimensions = vectors.shape
    name = sql.Identifier(schema)
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    connection.execute(
        f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY, text text, "
        f"category double precision NOT NULL, embedding vector({int(dimensions)}) NOT NULL)"
    )
    say(f"{rows:,} vectors of {dimensions} dimensions go into the table")
    _copy(connection, recipe, vectors)
    build = rebuild = size = None
    if recipe.index.ddl is not None:
        say(recipe.index.ddl)
        build = _seconds(connection, recipe.index.ddl)
        say("and once more")
        rebuild = _seconds(connection, f"REINDEX INDEX {NAME}")
        size = _megabytes(connection, NAME)
    connection.execute(f"VACUUM (ANALYZE) {TABLE}")
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
        connection.execute("CHECKPOINT")
    registry.write(
        connection,
        BuildRecord(
            build_s=build,
            rebuild_s=rebuild,
            index_mb=size,
            table_mb=_megabytes(connection, TABLE),
            rows=rows,
            dimensions=dimensions,
            pgvector=str(_value(connection, VERSION)),
            by=f"{platform.node()}:{os.getppid()}",
            at=utc_now(),
        ),
    )


def _copy(connection: Connection[Any], recipe: Recipe, vectors: NDArray[np.float32]) -> None:
    texts: Sequence[str | None] = recipe.source.texts() or [None] * len(vectors)
    drawn = recipe.categories(len(vectors)).tolist()
    with connection.cursor() as cursor:
        statement = f"COPY {TABLE} (id, text, category, embedding) FROM STDIN (FORMAT BINARY)"
        with cursor.copy(statement) as copy:
            copy.set_types(["int8", "text", "float8", "vector"])
            for row in zip(range(len(vectors)), texts, drawn, vectors, strict=True):
                copy.write_row(row)


def _seconds(connection: Connection[Any], statement: str) -> float:
    started = time.perf_counter()
    connection.execute(statement)
    return time.perf_counter() - started


def _megabytes(connection: Connection[Any], name: str) -> float:
    return float(_value(connection, "SELECT pg_table_size(%s::regclass)", name)) / MEGA


def _value(connection: Connection[Any], query: LiteralString, *parameters: str) -> Any:
    row = connection.execute(query, parameters).fetchone()
    assert row is not None
    return row[0]


def _lock(schema: str) -> int:
    """A key of 64 bits with a sign, as the server wants it."""
    return int.from_bytes(hashlib.sha256(schema.encode()).digest()[:8], "big", signed=True)

"""Asks for the nearest vectors, on as many connections as there are calls at the same time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pgvector import Vector
from psycopg import Connection, Cursor
from psycopg.adapt import Dumper
from psycopg.errors import QueryCanceled
from psycopg.pq import Format

from embprof.errors import CallFailedError
from embprof.workloads.vector_search.index.connection import EXTENSION, connect
from embprof.workloads.vector_search.index.index import TABLE, Index
from embprof.workloads.vector_search.index.plan import FORCED, Plan, settle

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Row = tuple[int, str | None, float]
"""Number of the vector, its text, its distance."""


@dataclass(frozen=True, slots=True)
class EncodedVector:
    """A vector as the server reads it."""

    payload: bytes


class EncodedDumper(Dumper):
    """Hands it over as it is."""

    format = Format.BINARY

    def dump(self, obj: EncodedVector) -> bytes:
        """Its bytes."""
        return obj.payload


def statement(index: Index, *, k: int, selectivity: float) -> str:
    """The query; its one parameter is the vector.

    ``k`` and the filter are no parameters: a plan that is kept for all values of a limit expects a
    tenth of the table, and not ten rows.
    """
    where = f" WHERE category < {selectivity!r}" if selectivity < 1 else ""
    return (
        f"SELECT id, text, embedding {index.operator} %s AS distance FROM {TABLE}{where} "  # noqa: S608
        f"ORDER BY distance LIMIT {k}"
    )


class Searcher:
    """The table and index of one schema, and how they are asked."""

    def __init__(
        self, service: Mapping[str, Any], schema: str, index: Index, *, k: int, selectivity: float
    ) -> None:
        self._service, self._schema, self._index = service, schema, index
        self.statement = statement(index, k=k, selectivity=selectivity)
        self._idle: list[Cursor[Row]] = []  # append and pop are safe among threads
        self._every: list[Cursor[Row]] = []

    def settle(self, vector: NDArray[np.float32]) -> tuple[Plan, Plan]:
        """The plan of a query, and that of a planner left to itself.

        Raises ServiceError when the index is not used, or the server does not answer.
        """
        with contextlib.closing(self._connect(forced=False)) as connection:
            return settle(connection, self._index, self.statement, [self.encode(vector)])

    def encode(self, vector: NDArray[np.float32]) -> EncodedVector:
        """A (D,) vector in the server's format."""
        return EncodedVector(Vector(vector).to_binary())

    def execute(self, cursor: Cursor[Row], vector: EncodedVector) -> None:
        """Returns when the rows are here.

        Raises CallFailedError when the server gave up (``statement_timeout``).
        """
        try:
            cursor.execute(self.statement, (vector,), prepare=True)
        except QueryCanceled as error:
            raise CallFailedError("timeout", str(error)) from error

    def rows(self, vector: NDArray[np.float32]) -> list[Row]:
        """The nearest vectors, nearest first; raises as :meth:`execute` does."""
        with self.cursor() as cursor:
            self.execute(cursor, self.encode(vector))
            return cursor.fetchall()

    @contextlib.contextmanager
    def cursor(self) -> Iterator[Cursor[Row]]:
        """One that no other thread uses meanwhile, of a connection of its own."""
        try:
            cursor = self._idle.pop()
        except IndexError:
            cursor = self._open()
        try:
            yield cursor
        except CallFailedError:
            self._idle.append(cursor)
            raise
        self._idle.append(cursor)  # one that failed in another way is left to be closed

    def close(self) -> None:
        """Ends every connection."""
        for cursor in self._every:
            cursor.connection.close()

    def _open(self) -> Cursor[Row]:
        cursor: Cursor[Row] = self._connect(forced=self._index.kind != "exact").cursor(binary=True)
        self._every.append(cursor)
        return cursor

    def _connect(self, *, forced: bool) -> Connection[Any]:
        connection = connect(self._service, self._schema)
        info = connection.adapters.types[EXTENSION]
        connection.adapters.register_dumper(
            EncodedVector, type("VectorDumper", (EncodedDumper,), {"oid": info.oid})
        )
        if self._index.settings:
            connection.execute(self._index.settings)
        if forced:
            connection.execute(FORCED)
        return connection

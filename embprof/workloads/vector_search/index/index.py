"""What an index of pgvector is made with, and what a search of it is told: SQL in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["exact", "ivfflat", "hnsw"]
Distance = Literal["cosine", "inner_product", "l2"]
Iterative = Literal["strict_order", "relaxed_order"]

TABLE, NAME = "passages", "passages_embedding"
"""Of the table and of its index, in a schema of their own."""
OPERATORS: Mapping[str, tuple[str, str]] = {
    "cosine": ("<=>", "vector_cosine_ops"),
    "inner_product": ("<#>", "vector_ip_ops"),
    "l2": ("<->", "vector_l2_ops"),
}
"""The operator of each distance, and the class of operators that an index of it is made with.
Source: pgvector 0.8, README."""
MOST_INDEXED = 2000
"""Dimensions that an index of type ``vector`` takes. Source: pgvector 0.8, README."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """``built_with`` decides what the index is, ``searched_with`` what a search of it does."""

    kind: Kind
    distance: Distance
    built_with: Mapping[str, int]
    searched_with: Mapping[str, str]

    @property
    def operator(self) -> str:
        """The operator that gives the distance; the smaller, the nearer."""
        return OPERATORS[self.distance][0]

    @property
    def ddl(self) -> str | None:
        """The statement that makes it, for a table ``passages``; None where there is no index."""
        if self.kind == "exact":
            return None
        options = ", ".join(f"{name} = {value}" for name, value in self.built_with.items())
        return (
            f"CREATE INDEX {NAME} ON {TABLE} USING {self.kind} "
            f"(embedding {OPERATORS[self.distance][1]}) WITH ({options})"
        )

    @property
    def settings(self) -> str:
        """What a connection is told before it searches: ``SET ivfflat.probes = 10``."""
        return "; ".join(f"SET {name} = {value}" for name, value in self.searched_with.items())


def ivfflat(
    *, distance: Distance, lists: int, probes: int, iterative_scan: Iterative | None
) -> Index:
    """Vectors in ``lists`` groups around centres; a search looks at the ``probes`` nearest."""
    searched = {"ivfflat.probes": str(probes)}
    if iterative_scan is not None:
        searched["ivfflat.iterative_scan"] = iterative_scan
    return Index(
        kind="ivfflat",
        distance=distance,
        built_with={"lists": lists},
        searched_with=searched,
    )


def hnsw(
    *,
    distance: Distance,
    m: int,
    ef_construction: int,
    ef_search: int,
    iterative_scan: Iterative | None,
) -> Index:
    """A graph with ``m`` links a vector; a search keeps ``ef_search`` candidates."""
    searched = {"hnsw.ef_search": str(ef_search)}
    if iterative_scan is not None:
        searched["hnsw.iterative_scan"] = iterative_scan
    return Index(
        kind="hnsw",
        distance=distance,
        built_with={"m": m, "ef_construction": ef_construction},
        searched_with=searched,
    )


def exact(*, distance: Distance) -> Index:
    """None: every vector is compared."""
    return Index(kind="exact", distance=distance, built_with={}, searched_with={})


def index_of(
    kind: Kind,
    *,
    distance: Distance,
    lists: int,
    probes: int,
    m: int,
    ef_construction: int,
    ef_search: int,
    iterative_scan: Iterative | None,
) -> Index:
    """The index of that kind; what it does not use is left out."""
    if kind == "exact":
        return exact(distance=distance)
    if kind == "ivfflat":
        return ivfflat(distance=distance, lists=lists, probes=probes, iterative_scan=iterative_scan)
    return hnsw(
        distance=distance,
        m=m,
        ef_construction=ef_construction,
        ef_search=ef_search,
        iterative_scan=iterative_scan,
    )

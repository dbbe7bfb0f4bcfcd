"""What an index of pgvector is made with, and what a search of it is told: SQL in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["exact", "ivfflat", "hnsw"]
Distance = Literal["cosine", "inner_product", "l2"]
Iterative = Literal["strict_order", "relaxed_order"]

TABLE, NAME = "passages", "passages_embedding"
"""The table and its index, in a schema of their own."""
OPERATORS: Mapping[str, tuple[str, str]] = {
    "cosine": ("<=>", "vector_cosine_ops"),
    "inner_product": ("<#>", "vector_ip_ops"),
    "l2": ("<->", "vector_l2_ops"),
}
"""The operator of each distance, and the class of operators that an index of it is made with.
Source: pgvector 0.8, README."""
BUILT_WITH: Mapping[Kind, tuple[str, ...]] = {
    "exact": (),
    "ivfflat": ("lists",),
    "hnsw": ("m", "ef_construction"),
}
"""What decides how an index is made: vectors in ``lists`` groups around centres, or a graph with
``m`` links per vector; without one every vector is compared."""
SEARCHED_WITH: Mapping[Kind, tuple[str, ...]] = {
    "exact": (),
    "ivfflat": ("probes", "iterative_scan"),
    "hnsw": ("ef_search", "iterative_scan"),
}
"""What decides how it is searched: the ``probes`` nearest groups, or ``ef_search`` candidates."""
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


def index_of(kind: Kind, distance: Distance, parameters: Mapping[str, Any]) -> Index:
    """The index of that kind; parameters that it does not go by are left out."""
    searched = {name: parameters[name] for name in SEARCHED_WITH[kind]}
    return Index(
        kind=kind,
        distance=distance,
        built_with={name: parameters[name] for name in BUILT_WITH[kind]},
        searched_with={
            f"{kind}.{name}": str(value) for name, value in searched.items() if value is not None
        },
    )

"""How the server goes about a query: an index that the planner leaves aside falsifies everything.

A planner that finds reading the whole table cheaper than an index is right to do so, and a run that
is called ``ivfflat`` must not be one of that. So where an index is asked for, connections are told
``SET enable_seqscan = off``, which changes nothing but the choice, and the plan is looked at. What
the planner would have chosen by itself is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embprof.errors import ServiceError
from embprof.workloads.vector_search.index.index import NAME, Index

if TYPE_CHECKING:
    from psycopg import Connection

FORCED = "SET enable_seqscan = off"
FREE = "SET enable_seqscan = on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Nodes from the outermost in, ``Limit > Index Scan``, and the indexes that they use."""

    nodes: tuple[str, ...]
    indexes: frozenset[str]

    @property
    def text(self) -> str:
        """In words."""
        return " > ".join(self.nodes)


def explain(connection: Connection[Any], statement: str, parameters: Sequence[Any]) -> Plan:
    """The plan of a query with these parameters, which is not run."""
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters).fetchone()
    assert row is not None
    nodes = list(_nodes(row[0][0]["Plan"]))
    return Plan(
        nodes=tuple(str(node["Node Type"]) for node in nodes),
        indexes=frozenset(str(node["Index Name"]) for node in nodes if "Index Name" in node),
    )


def settle(
    connection: Connection[Any], index: Index, statement: str, parameters: Sequence[Any]
) -> tuple[Plan, Plan]:
    """The plan that is used from now on, and that of a planner left to itself.

    Raises ServiceError when the index that is asked for cannot be used.
    """
    chosen = explain(connection, statement, parameters)
    if index.kind == "exact":
        return chosen, chosen
    connection.execute(FORCED)
    used = explain(connection, statement, parameters)
    if NAME not in used.indexes:
        problem = f"workload.index={index.kind}: the server does not use the index ({used.text})"
        raise ServiceError(f"{problem}; it was made by: {index.ddl}")
    return used, chosen


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)

"""The plan of a statement, as EXPLAIN (ANALYZE, FORMAT JSON) tells it, node by node.

PostgreSQL's figures are means over the loops of a node, and in the parallel part of a plan each
process is a loop; here rows are totals, and times are those that passed on the wall.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})
REMOVED = tuple(f"Rows Removed by {what}" for what in ("Filter", "Join Filter", "Index Recheck"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # it is itself, not one like it
class Node:
    """A node of a plan.

    ``ms``: in it and all below it, ``own_ms``: in it alone. ``rows`` is what it returned, ``read``
    what it looked at for that, over all loops; ``planned`` rows are a loop's.
    """

    type: str
    detail: Mapping[str, Any]
    rows: int
    read: int
    planned: float
    loops: float
    ms: float
    own_ms: float
    children: tuple[Node, ...]

    @property
    def table(self) -> tuple[str, str] | None:
        """Schema and name of the table that it scans; None if it scans none."""
        if "Relation Name" not in self.detail:
            return None
        return str(self.detail.get("Schema", "")), str(self.detail["Relation Name"])

    @property
    def alias(self) -> str:
        """What the statement calls that table."""
        return str(self.detail.get("Alias") or self.detail.get("Relation Name") or "")

    @property
    def is_sequential(self) -> bool:
        """Whether it reads its table from one end to the other."""
        return self.type == "Seq Scan"

    def text(self, name: str) -> str:
        """A condition as the server writes it; empty if there is none."""
        return str(self.detail.get(name) or "")


Above = tuple[Node, ...]
"""The nodes above one, the root first."""


def walk(node: Node, above: Above = ()) -> Iterator[tuple[Node, Above]]:
    """The node and all below it, each with those above it."""
    yield node, above
    for child in node.children:
        yield from walk(child, (*above, node))


def of(statement: Mapping[str, Any]) -> Iterator[tuple[Node, Above]]:
    """Every node of the plan of a statement, as ``plans.json`` has it; none where it has none."""
    return walk(root(statement["plan"])) if statement["plan"] else iter(())


def root(plan: Mapping[str, Any]) -> Node:
    """The topmost node of what EXPLAIN returned for one statement."""
    return _node(plan["Plan"], 1.0)


def ms(plan: Mapping[str, Any]) -> float:
    """Planning and execution."""
    return float(plan.get("Planning Time", 0.0)) + float(plan.get("Execution Time", 0.0))


def _node(found: Mapping[str, Any], processes: float) -> Node:
    kind, loops = str(found["Node Type"]), float(found.get("Actual Loops", 0))
    # PostgreSQL 18 has hundredths of rows in its means; totals are whole.
    rows = round(float(found.get("Actual Rows", 0)) * loops)
    removed = round(sum(float(found.get(name, 0)) for name in REMOVED) * loops)
    ms = float(found.get("Actual Total Time", 0.0)) * loops / min(processes, loops or 1.0)
    below = processes
    if kind in ("Gather", "Gather Merge"):
        below = float(found.get("Workers Launched", 0)) + (not found.get("Single Copy", False))
    children = tuple(_node(one, below) for one in found.get("Plans", ()))
    return Node(
        type=kind,
        detail={key: value for key, value in found.items() if key != "Plans"},
        rows=rows,
        read=rows + removed,
        planned=float(found.get("Plan Rows", 0)),
        loops=loops,
        ms=ms,
        own_ms=max(0.0, ms - sum(child.ms for child in children)),
        children=children,
    )

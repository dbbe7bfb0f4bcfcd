"""What in the plans and times of an operation is worth a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embprof.model import Samples
from embprof.workloads.sql.statements import plans
from embprof.workloads.sql.statements.indexes import LARGE
from embprof.workloads.sql.statements.plans import Above, Node

FEWEST_REPEATS = 5
"""Executions of one statement in one operation from which it counts as repeated; a choice."""
FAR = 10.0
"""Times as many rows as planned, or as few: from there on other joins are chosen; a choice."""
WHOLE = frozenset({"Sort", "Aggregate", "Hash", "WindowAgg", "Unique", "SetOp"})
"""Nodes that take in all of their input whatever is above them."""
KILOBYTE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """Statements that differ in their values alone: ``executions`` in one operation.

    ``share`` of the operation's time is theirs.
    """

    statements: tuple[str, ...]
    sql: str
    executions: float
    ms: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spill:
    """A node that put ``bytes`` on disk because they did not fit into ``work_mem``."""

    node: Node
    bytes: int


def samples(operations: Sequence[Mapping[str, Any]]) -> list[Samples]:
    """What is seen at a glance.

    Sequential scans of large tables, most executions of one statement in one operation, and the
    p50 of the slowest statement.
    """
    every = [statement for one in operations for statement in one["statements"]]
    scans = sum(len(sequential_scans(one)) for one in every)
    repeats = max(repetitions(one)[0].executions for one in operations)
    return [
        _last("seq_scans", "1", scans),
        _last("repeats", "1", repeats),
        _last("slowest_statement", "ms", max(one["p50_ms"] for one in every)),
    ]


def sequential_scans(statement: Mapping[str, Any]) -> list[Node]:
    """Reads of a large table from one end to the other."""
    every = plans.of(statement)
    return [node for node, _ in every if node.is_sequential and node.read >= LARGE]


def repetitions(operation: Mapping[str, Any]) -> list[Repetition]:
    """Every kind of statement of an operation, the most executed first."""
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for statement in operation["statements"]:
        kinds.setdefault(statement["fingerprint"], []).append(statement)
    found = [
        Repetition(
            statements=tuple(str(one["statement"]) for one in alike),
            sql=str(alike[0]["sql"]),
            executions=sum(float(one["executions"]) for one in alike),
            ms=sum(float(one["executions"]) * float(one["ms"]) for one in alike),
            share=min(1.0, sum(float(one["percent"]) for one in alike) / 100),
        )
        for alike in kinds.values()
    ]
    return sorted(found, key=lambda one: -one.executions)


def spills(statement: Mapping[str, Any]) -> list[Spill]:
    """Sorts, hashes and aggregates that went to disk."""
    found = (Spill(node=node, bytes=_on_disk(node)) for node, _ in plans.of(statement))
    return [one for one in found if one.bytes]


def misestimates(statement: Mapping[str, Any]) -> list[Node]:
    """Nodes with far more or fewer rows than planned, of a branch the lowest alone.

    Left out is what a LIMIT, or a join that stops early, kept from running to its end.
    """
    wrong = [
        (node, above)
        for node, above in plans.of(statement)
        if _is_misjudged(node) and not _is_cut_short(node, above)
    ]
    followed = [above for _, above in wrong]
    return [node for node, _ in wrong if not any(node in above for above in followed)]


def factor(node: Node) -> float:
    """How many times the smaller of planned and real rows goes into the larger."""
    real, planned = max(1.0, node.rows / node.loops), max(1.0, node.planned)
    return max(real / planned, planned / real)


def _is_misjudged(node: Node) -> bool:
    if not node.loops or max(node.rows, node.planned * node.loops) < LARGE:
        return False
    return factor(node) >= FAR


def _is_cut_short(node: Node, every_above: Above) -> bool:
    """Whether something above may have stopped it before its end."""
    below = node
    for above in reversed(every_above):
        if above.type in WHOLE:
            return False
        is_inner = below.detail.get("Parent Relationship") == "Inner"
        is_first_only = above.detail.get("Join Type") in ("Semi", "Anti")
        stops = is_inner and (is_first_only or above.detail.get("Inner Unique"))
        if above.type in ("Limit", "Merge Join") or stops:
            return True
        below = above
    return False


def _on_disk(node: Node) -> int:
    detail = node.detail
    if detail.get("Sort Space Type") == "Disk":
        return KILOBYTE * int(detail.get("Sort Space Used", 0))
    if int(detail.get("Hash Batches", 1)) > 1:
        return KILOBYTE * int(detail.get("Peak Memory Usage", 0)) * int(detail["Hash Batches"])
    return KILOBYTE * int(detail.get("Disk Usage", 0))


def _last(name: str, unit: str, value: float) -> Samples:
    return Samples(name=name, unit=unit, better="lower", values=(float(value),), summary="last")

"""Plans to read: a line for each node with what it did, in the shape that EXPLAIN has."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from embprof.units import number
from embprof.workloads.sql.statements import plans
from embprof.workloads.sql.statements.plans import Node

PLANS, PAGE = "plans.json", "plans.txt"
DETAILS = (
    *("Sort Key", "Sort Method", "Group Key", "Index Cond", "Recheck Cond", "Hash Cond"),
    *("Merge Cond", "Join Filter", "Filter", "TID Cond", "One-Time Filter"),
)
"""What is said of a node, if it has it."""
SHOWN = 100
"""Characters of a value."""
BLOCKS = (
    ("Shared Hit Blocks", "hit"),
    ("Shared Read Blocks", "read"),
    ("Temp Read Blocks", "temp read"),
    ("Temp Written Blocks", "temp written"),
)


def write_plans(document: Mapping[str, Any]) -> list[Path]:
    """The plans as files in a new folder, for programs and to read."""
    folder = Path(tempfile.mkdtemp())
    content = json.dumps(document, indent=1) + "\n"
    (folder / PLANS).write_text(content, encoding="utf-8")
    (folder / PAGE).write_text(page(document), encoding="utf-8")
    return [folder / PLANS, folder / PAGE]


def page(document: Mapping[str, Any]) -> str:
    """All statements of ``plans.json`` with their times and plans."""
    lines: list[str] = []
    for operation in document["operations"]:
        calls = f"({operation['calls']} calls)"
        heading = f"{operation['operation']}: {number(operation['ms'])} ms {calls}"
        lines += [heading, "=" * len(heading)]
        for statement in operation["statements"]:
            lines += ["", *_statement(statement)]
        lines.append("")
    return "\n".join(lines)


def _statement(statement: Mapping[str, Any]) -> Iterator[str]:
    times = statement["executions"]
    repeated = "" if times == 1 else f", {times:,.4g} times an operation"
    yield (
        f"{statement['statement']}: p50 {number(statement['p50_ms'])} ms, "
        f"p95 {number(statement['p95_ms'])} ms{repeated}, "
        f"{statement['percent']:.0f} % of the operation"
    )
    for line in statement["sql"].splitlines():
        yield f"  | {line}"
    if statement["values"]:
        yield f"  with {', '.join(_short(value) for value in statement['values'])}"
    plan = statement["plan"]
    if plan is None:
        yield "  (a statement without a plan)"
        return
    kind = "generic plan" if statement["generic"] else "plan"
    yield (
        f"  {kind}: planning {number(plan.get('Planning Time', 0.0))} ms, "
        f"execution {number(plan.get('Execution Time', 0.0))} ms"
    )
    for node, above in plans.walk(plans.root(plan)):
        yield from _node(node, "  " + "    " * len(above))


def _node(node: Node, indent: str) -> Iterator[str]:
    name = node.type
    if node.detail.get("Index Name"):
        name += f" using {node.detail['Index Name']}"
    if node.table is not None:
        name += f" on {node.table[1]}"
        name += f" as {node.alias}" if node.alias != node.table[1] else ""
    loops = "" if node.loops == 1 else f" in {node.loops:,.0f} loops"
    yield (
        f"{indent}-> {name}: {node.rows:,} rows{loops} (planned {node.planned:,.0f} a loop), "
        f"{number(node.own_ms)} ms of its own"
    )
    for detail in DETAILS:
        value = node.detail.get(detail)
        if value:
            yield f"{indent}     {detail}: {', '.join(value) if isinstance(value, list) else value}"
    if node.read > node.rows:
        yield f"{indent}     read and dropped: {node.read - node.rows:,} rows"
    blocks = [f"{what} {node.detail[name]:,}" for name, what in BLOCKS if node.detail.get(name)]
    if blocks:
        yield f"{indent}     pages: {', '.join(blocks)}"


def _short(value: str) -> str:
    return value if len(value) <= SHOWN else f"{value[: SHOWN - 1]}…"

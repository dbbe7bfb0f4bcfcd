"""Large tables that a statement reads from one end to the other, and how little it keeps of them.

A scan is the fastest way to most of a table and a slow way to a few rows of it. Where an index
would spare it, the rule missing_indexes has the command; here is what is read for what.
"""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Finding
from embprof.report.rule_findings import fact
from embprof.report.study import Study
from embprof.units import number, percent
from embprof.workloads.sql.findings import operations
from embprof.workloads.sql.findings.operations import LEAST, OperationPlans
from embprof.workloads.sql.statements import indexes, patterns
from embprof.workloads.sql.statements.plans import Node


def find(study: Study) -> Iterator[Finding]:
    """A finding for each operation and table, if its scans take 5 % of the operation's time."""
    for one in operations.operation_plans(study):
        by_table: dict[str, list[tuple[str, Node, float]]] = {}
        for statement in one.statements:
            for node in patterns.sequential_scans(statement):
                share = indexes.share(statement, node.own_ms)
                table = str(node.detail.get("Relation Name"))
                by_table.setdefault(table, []).append((str(statement["statement"]), node, share))
        for table, scans in by_table.items():
            if sum(share for *_, share in scans) >= LEAST:
                yield _finding(one, table, scans)


def _finding(one: OperationPlans, table: str, scans: list[tuple[str, Node, float]]) -> Finding:
    read = sum(node.read for _, node, _ in scans)
    kept = sum(node.rows for _, node, _ in scans)
    share = min(1.0, sum(share for *_, share in scans))
    return fact(
        f"{table} is read from one end to the other: {read:,} rows, of which {kept:,} are "
        f"kept, in {percent(share)} of the time ({one.place})",
        (line for name, node, _ in scans for line in _evidence(one, name, node)),
        one.answer,
        priority=operations.priority(share),
        component=table,
        time_share=share,
    )


def _evidence(one: OperationPlans, statement: str, node: Node) -> Iterator[str]:
    kept = f"{node.rows:,} kept ({percent(node.rows / node.read)})"
    yield (
        f"{statement} ({one.answer.label}): {node.read:,} rows read, {kept}, "
        f"{number(node.own_ms)} ms in the scan"
    )
    if node.text("Filter"):
        yield f"filter: {node.text('Filter')}"


RULE = Rule(name="sequential_scans", find=find)

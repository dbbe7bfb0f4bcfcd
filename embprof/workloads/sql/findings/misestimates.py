"""Plans made for far more or far fewer rows than there were.

PostgreSQL chooses joins and their order by the rows that it expects. Where it expects wrongly, a
plan that is right for few rows is run over many.
"""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding
from embprof.report.rule_findings import advice
from embprof.report.study import Study
from embprof.workloads.sql.findings import operations
from embprof.workloads.sql.findings.operations import LEAST, OperationPlans
from embprof.workloads.sql.statements import patterns
from embprof.workloads.sql.statements.conditions import conditions
from embprof.workloads.sql.statements.plans import Node

WITH_STATISTICS = 2
"""Columns that a filter needs for statistics of several columns to say more."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each statement with an estimate that is ten times off or more."""
    for one in operations.operation_plans(study):
        for statement in one.statements:
            nodes = patterns.misestimates(statement)
            if nodes and float(statement["percent"]) / 100 >= LEAST:
                worst = max(nodes, key=patterns.factor)
                name, generic = str(statement["statement"]), bool(statement["generic"])
                yield _finding(one, name, worst, generic=generic)


def _finding(one: OperationPlans, statement: str, node: Node, *, generic: bool) -> Finding:
    real, planned = node.rows / node.loops, node.planned
    where = f" on {node.detail['Relation Name']}" if node.table is not None else ""
    evidence = [
        f"{statement} ({one.answer.label}): {node.type}{where}, {planned:,.0f} rows planned, "
        f"{real:,.0f} found" + (f" in each of {node.loops:,.0f} loops" if node.loops > 1 else "")
    ]
    evidence += [
        f"{name}: {node.text(name)}" for name in ("Filter", "Hash Cond") if node.text(name)
    ]
    sql = _statistics(node)
    remedy = f"{sql}; tables that change much need autovacuum to keep up."
    check = operations.gate_with_setup(one, sql)
    if generic:
        evidence.append("the plan is a generic one: it was made for no values in particular")
        remedy = "plan_cache_mode = force_custom_plan, if values differ much in the rows they have."
        check = operations.gate(one, {"workload.settings.plan_cache_mode": "force_custom_plan"})
    return advice(
        f"{statement} was planned for {planned:,.0f} rows{where} where there were "
        f"{real:,.0f} ({one.place})",
        evidence,
        one.answer,
        advice=remedy,
        effort=Effort.QUICK,
        risk="A better estimate need not lead to another plan.",
        check=check,
        component=statement,
    )


def _statistics(node: Node) -> str:
    """What tells the planner more of a table; of several columns, how they depend on each other."""
    table = str(node.detail.get("Relation Name", ""))
    columns = dict.fromkeys(one.column for one in conditions(node.text("Filter"), node.alias))
    if table and len(columns) >= WITH_STATISTICS:
        return f"CREATE STATISTICS ON {', '.join(columns)} FROM {table}"
    return f"ANALYZE {table}".strip()


RULE = Rule(name="misestimates", find=find)

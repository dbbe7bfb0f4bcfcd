"""Plans made for far more or far fewer rows than there were.

PostgreSQL chooses joins and their order by the rows that it expects. Where it expects wrongly, a
plan that is right for few rows is run over many.
"""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Kind, Level
from embprof.report.study import Study
from embprof.workloads.sql.findings.operations import (
    LEAST,
    OperationPlans,
    again,
    gate,
    operation_plans,
    setup_with,
)
from embprof.workloads.sql.statements import patterns
from embprof.workloads.sql.statements.conditions import conditions
from embprof.workloads.sql.statements.plans import Node

NAME = "misestimates"
WITH_STATISTICS = 2
"""Columns that a filter needs for statistics of several columns to say more."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each statement with an estimate that is ten times off or more."""
    for one in operation_plans(study):
        for statement in one.statements:
            nodes = patterns.misestimates(statement)
            if nodes and float(statement["percent"]) / 100 >= LEAST:
                worst = max(nodes, key=patterns.factor)
                yield _finding(one, str(statement["statement"]), worst, bool(statement["generic"]))


def _finding(one: OperationPlans, statement: str, node: Node, generic: bool) -> Finding:  # noqa: FBT001
    real, planned = node.rows / node.loops, node.planned
    sql = _statistics(node)
    where = f" on {node.detail['Relation Name']}" if node.table is not None else ""
    evidence = [
        f"{statement} ({one.answer.label}): {node.type}{where}, {planned:,.0f} rows planned, "
        f"{real:,.0f} found" + (f" in each of {node.loops:,.0f} loops" if node.loops > 1 else "")
    ]
    evidence += [
        f"{name}: {node.text(name)}" for name in ("Filter", "Hash Cond") if node.text(name)
    ]
    if generic:
        evidence.append("the plan is a generic one: it was made for no values in particular")
    return Finding(
        rule=NAME,
        kind=Kind.ADVICE,
        title=f"{statement} was planned for {planned:,.0f} rows{where} where there were "
        f"{real:,.0f} ({one.place})",
        evidence=tuple(evidence),
        runs=(one.answer.run.run_id,),
        advice=_advice(sql, generic=generic),
        effort=Effort.QUICK,
        priority=Level.LOW,
        risk="A better estimate need not lead to another plan.",
        check=_check(one, sql, generic=generic),
        component=statement,
    )


def _advice(sql: str, *, generic: bool) -> str:
    if generic:
        return "plan_cache_mode = force_custom_plan, if values differ much in the rows they have."
    return f"{sql}; tables that change much need autovacuum to keep up."


def _check(one: OperationPlans, sql: str, *, generic: bool) -> str:
    if generic:
        return gate(one, {"workload.settings.plan_cache_mode": "force_custom_plan"})
    return gate(one, {"workload.setup_sql": setup_with(one, sql)}) if one.is_ours else again(one)


def _statistics(node: Node) -> str:
    """What tells the planner more of a table; of several columns, how they depend on each other."""
    table = str(node.detail.get("Relation Name", ""))
    columns = dict.fromkeys(one.column for one in conditions(node.text("Filter"), node.alias))
    if table and len(columns) >= WITH_STATISTICS:
        return f"CREATE STATISTICS ON {', '.join(columns)} FROM {table}"
    return f"ANALYZE {table}".strip()


RULE = Rule(name=NAME, find=find)

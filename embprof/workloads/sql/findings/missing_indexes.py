"""Indexes that would spare statements reading rows that they have no use for, with their DDL.

What the server spent on those rows is about what can be gained, a little less: finding the others
in the index costs something too. The check measures both, before and after.
"""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Improvement
from embprof.report import phrases
from embprof.report.rule_findings import advice
from embprof.report.study import Study
from embprof.units import percent
from embprof.workloads.sql.findings import operations
from embprof.workloads.sql.findings.operations import LEAST, OperationPlans
from embprof.workloads.sql.statements import indexes
from embprof.workloads.sql.statements.indexes import Suggestion


def find(study: Study) -> Iterator[Finding]:
    """A finding for each index that could spare 5 % of an operation's time."""
    for one in operations.operation_plans(study):
        for suggestion in indexes.suggestions(one.operation, one.tables):
            if suggestion.share >= LEAST:
                yield _finding(one, suggestion)


def _finding(one: OperationPlans, found: Suggestion) -> Finding:
    share = percent(found.kept / found.read)
    evidence = [
        f"{phrases.join(found.statements)} ({one.answer.label})",
        f"{found.read:,} rows of {found.table} are read, {found.kept:,} are of use ({share})",
        f"asked for: {found.why}",
        f"what the others took: {percent(found.share)} of the operation's time",
    ]
    if found.replaces is not None:
        evidence.append(f"the index {found.replaces} would not be needed beside it")
    # Others use a database that embprof has not set up; they would wait for the index.
    ddl = found.ddl if one.is_ours else found.ddl.replace("INDEX", "INDEX CONCURRENTLY", 1)
    return advice(
        f"{found.table} has no index on ({', '.join(found.keys)}), which could spare about "
        f"{percent(found.share)} of the time ({one.place})",
        evidence,
        one.answer,
        axes=operations.AXES,
        advice=f"{ddl};",
        improvement=Improvement(metric="latency_p50_ms", share=found.share),
        effort=Effort.QUICK,
        priority=operations.priority(found.share),
        risk="The planner decides whether to use it, and the gain is that of one plan, with values "
        "drawn by lot.",
        cost="Every write to the table keeps the index too, and it takes space.",
        check=operations.gate_with_setup(one, found.ddl),
        component=found.table,
        time_share=found.share,
    )


RULE = Rule(name="missing_indexes", find=find, headline=180)

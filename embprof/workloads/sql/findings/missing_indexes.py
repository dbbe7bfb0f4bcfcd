"""Indexes that would spare statements reading rows that they have no use for, with their DDL.

What the server spent on those rows is about what can be gained, a little less: finding the others
in the index costs something too. The check measures both, before and after.
"""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Improvement, Kind
from embprof.report import phrases
from embprof.report.study import Study
from embprof.units import percent
from embprof.workloads.sql.findings.operations import (
    LEAST,
    OperationPlans,
    again,
    gate,
    operation_plans,
    priority,
    setup_with,
)
from embprof.workloads.sql.statements import indexes
from embprof.workloads.sql.statements.indexes import Suggestion

NAME = "missing_indexes"


def find(study: Study) -> Iterator[Finding]:
    """A finding for each index that could spare 5 % of an operation's time."""
    for one in operation_plans(study):
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
    return Finding(
        rule=NAME,
        kind=Kind.ADVICE,
        title=f"{found.table} has no index on ({', '.join(found.keys)}), which could spare about "
        f"{percent(found.share)} of the time ({one.place})",
        evidence=tuple(evidence),
        runs=(one.answer.run.run_id,),
        advice=f"{ddl};",
        improvement=Improvement(metric="latency_p50_ms", share=found.share),
        effort=Effort.QUICK,
        priority=priority(found.share),
        risk="The planner decides whether to use it, and the gain is that of one plan, with values "
        "drawn by lot.",
        cost="Every write to the table keeps the index too, and it takes space.",
        check=gate(one, {"workload.setup_sql": setup_with(one, found.ddl)})
        if one.is_ours
        else again(one),
        component=found.table,
        time_share=found.share,
    )


RULE = Rule(name=NAME, find=find, headline=180)

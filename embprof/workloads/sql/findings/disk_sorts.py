"""Sorts, hashes and aggregates that did not fit into work_mem and went to disk."""

import math
from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding
from embprof.report.rule_findings import advice
from embprof.report.study import Study
from embprof.units import number, percent
from embprof.workloads.sql.findings import operations
from embprof.workloads.sql.findings.operations import LEAST, OperationPlans
from embprof.workloads.sql.statements import indexes, patterns
from embprof.workloads.sql.statements.patterns import Spill

LARGER_IN_MEMORY = 3
"""Times what lay on disk that the same may take in memory. Source: PostgreSQL 18.4 with work_mem at
1 MB and 1 GB, 50,000 and 300,000 rows: sorts of numbers took 2.4 to 3.0 times as much in memory,
with 20 to 500 bytes of text beside them 1.1 to 2.0 times, hashed aggregates 1.6 to 1.9 times."""
MEGABYTE = 1024 * 1024


def find(study: Study) -> Iterator[Finding]:
    """A finding for each operation that spills, if that node takes 5 % of the operation's time."""
    for one in operations.operation_plans(study):
        found = [
            (str(statement["statement"]), spill, indexes.share(statement, spill.node.own_ms))
            for statement in one.statements
            for spill in patterns.spills(statement)
        ]
        if sum(share for *_, share in found) >= LEAST:
            yield _finding(one, found)


def work_mem_mb(bytes_on_disk: int) -> int:
    """A setting, in MB and a power of two, in which so much fits."""
    needed = max(1.0, LARGER_IN_MEMORY * bytes_on_disk / MEGABYTE)
    return int(2 ** math.ceil(math.log2(needed)))


def _finding(one: OperationPlans, found: list[tuple[str, Spill, float]]) -> Finding:
    share = min(1.0, sum(share for *_, share in found))
    most = max(spill.bytes for _, spill, _ in found)
    setting = f"{work_mem_mb(most)}MB"
    known = one.answer.run.description.get("work_mem")
    now = "" if known is None else f" ({known})"
    return advice(
        f"{number(most / MEGABYTE)} MB do not fit into work_mem{now} and go to disk: "
        f"{percent(share)} of the time is in what does so ({one.place})",
        (
            f"{name} ({one.answer.label}): {spill.node.type}"
            f"{_of(spill)}, {number(spill.bytes / MEGABYTE)} MB on disk, "
            f"{number(spill.node.own_ms)} ms"
            for name, spill, _ in found
        ),
        one.answer,
        axes=operations.AXES,
        advice=f"SET LOCAL work_mem = '{setting}' for this operation, or sort fewer rows: an index "
        "in the order, a LIMIT.",
        effort=Effort.QUICK,
        priority=operations.priority(share),
        risk="Every sort and hash of every connection may take that much; set it for this "
        "operation and not for the server.",
        check=operations.gate(one, {"workload.settings.work_mem": setting}),
        component=found[0][1].node.type,
        time_share=share,
    )


def _of(spill: Spill) -> str:
    keys = spill.node.detail.get("Sort Key") or spill.node.detail.get("Group Key")
    return f" by {', '.join(keys)}" if keys else ""


RULE = Rule(name="disk_sorts", find=find, headline=200)

"""What ``sql`` tells of itself."""

from embprof.interface.account import Account, Answer
from embprof.workloads.sql.findings import (
    disk_sorts,
    misestimates,
    missing_indexes,
    repeated_statements,
    sequential_scans,
)
from embprof.workloads.sql.statements.plan_text import PLANS

ROUND_TRIPS = frozenset({"begin", "commit", "rollback"})


def stage_advice(answer: Answer, stage: str) -> str | None:
    """Advice on the ends of a transaction, and on a statement whose plan was stored."""
    if stage in ROUND_TRIPS:
        return (
            "It is a round trip: ask more in one transaction, or a single read without one "
            "(autocommit)."
        )
    if answer.document(PLANS) is not None:
        return "Look at the plan of that statement, in plans.txt of the run."
    return None


SQL = Account(
    figures=frozenset({"statement_*_ms", "seq_scans", "repeats", "slowest_statement_ms"}),
    stage_advice=stage_advice,
    rules=(
        disk_sorts.RULE,
        misestimates.RULE,
        missing_indexes.RULE,
        repeated_statements.RULE,
        sequential_scans.RULE,
    ),
)

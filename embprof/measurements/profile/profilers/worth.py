"""What is worth optimising, by a rule of thumb: where less than this is spent, look elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

LEAST_CPU_PERCENT = 5.0
LEAST_ALLOCATED_MB = 1.0
LEAST_WAIT_MS = 100.0
"""A function's own share of the time, what a call allocates in a line, what a caller waits for a
lock: the rule that embprof was asked for."""


def worth_optimising(
    functions: Sequence[Mapping[str, Any]],
    sites: Sequence[Mapping[str, Any]] | None,
    waits: Sequence[Mapping[str, Any]] | None,
    not_looked_for: Mapping[str, str],
) -> dict[str, Any]:
    """What passes each threshold, with its figures; None where nobody looked, and why not."""
    return {
        "rule": {
            "function_self_percent_above": LEAST_CPU_PERCENT,
            "allocated_mb_per_call_above": LEAST_ALLOCATED_MB,
            "lock_wait_ms_per_call_above": LEAST_WAIT_MS,
        },
        "functions": [row for row in functions if row["self_percent"] > LEAST_CPU_PERCENT],
        "allocation_sites": None
        if sites is None
        else [site for site in sites if site["bytes_per_call"] > LEAST_ALLOCATED_MB * 1e6],
        "lock_waits": None
        if waits is None
        else [wait for wait in waits if wait["wait_ms_per_call"] > LEAST_WAIT_MS],
        "not_looked_for": dict(not_looked_for),
    }

"""What ``sql`` tells of itself."""

from __future__ import annotations

from embprof.interface.account import Account
from embprof.workloads.sql.findings import (
    disk_sorts,
    misestimates,
    missing_indexes,
    repeated_statements,
    sequential_scans,
)

SQL = Account(
    rules=(
        disk_sorts.RULE,
        misestimates.RULE,
        missing_indexes.RULE,
        repeated_statements.RULE,
        sequential_scans.RULE,
    ),
)

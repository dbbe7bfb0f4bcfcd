"""Plans made up on the spot, in the form in which PostgreSQL tells them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

MakeNode = Callable[..., dict[str, Any]]
MakeOperation = Callable[..., dict[str, Any]]
MakeTable = Callable[..., dict[str, Any]]
NOTHING: Mapping[str, Any] = {}


@pytest.fixture
def node() -> MakeNode:
    """A node of a plan; ``rows``, ``removed`` and ``ms`` are means over its loops."""

    def make(
        kind: str,
        *below: dict[str, Any],
        table: str | None = None,
        rows: float = 1,
        removed: float = 0,
        planned: float | None = None,
        loops: int = 1,
        ms: float = 1.0,
        detail: Mapping[str, Any] = NOTHING,
    ) -> dict[str, Any]:
        named = {"Relation Name": table, "Schema": "public", "Alias": table} if table else {}
        return {
            "Node Type": kind,
            "Plan Rows": rows if planned is None else planned,
            "Actual Rows": rows,
            "Actual Loops": loops,
            "Actual Total Time": ms,
            "Rows Removed by Filter": removed,
            **named,
            **detail,
            "Plans": list(below),
        }

    return make


@pytest.fixture
def operation() -> MakeOperation:
    """An operation of statements that take equal parts of its 10 ms, each with its plan."""

    def make(*plans: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
        statements = [
            {
                "statement": f"statement_{number}",
                "sql": f"SELECT {number}",
                "fingerprint": f"fingerprint{number}",
                "executions": 1.0,
                "ms": 10 / len(plans),
                "p50_ms": 10 / len(plans),
                "p95_ms": 10 / len(plans),
                "percent": 100 / len(plans),
                "values": [],
                "generic": False,
                "plan": plan and {"Plan": plan, "Planning Time": 0.0, "Execution Time": 10.0},
                **changes,
            }
            for number, plan in enumerate(plans, start=1)
        ]
        return {"operation": "search", "calls": 9, "ms": 10.0, "statements": statements}

    return make


@pytest.fixture
def table() -> MakeTable:
    """A table of 10,000 rows; ``distinct`` has the number of values of each column."""

    def make(
        name: str = "claims",
        *,
        distinct: Mapping[str, float] = NOTHING,
        indexes: Sequence[Sequence[str]] = (),
        unique: bool = False,
        **changes: Any,
    ) -> dict[str, Any]:
        return {
            "schema": "public",
            "table": name,
            "in_search_path": True,
            "rows": 10_000,
            "bytes": 1_000_000,
            "columns": {
                column: {"type": "text", "distinct": count, "null_fraction": 0.0}
                for column, count in distinct.items()
            },
            "indexes": [
                {
                    "index": f"by_{'_'.join(columns)}",
                    "method": "btree",
                    "unique": unique,
                    "partial": False,
                    "bytes": 1,
                    "columns": list(columns),
                    "definition": "",
                }
                for columns in indexes
            ],
            **changes,
        }

    return make

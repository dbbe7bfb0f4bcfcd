from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from embprof.workloads.sql.statements import plan_text, plans

if TYPE_CHECKING:
    from tests.unit.workloads.sql.statements.conftest import MakeNode, MakeOperation


def test_rows_are_those_of_all_loops_and_times_what_a_node_took_itself(node: MakeNode) -> None:
    inner = node("Seq Scan", table="evidence", rows=2, removed=98, loops=10, ms=0.5)
    root = plans.root({"Plan": node("Nested Loop", inner, rows=20, ms=7.0)})
    (scan,) = root.children
    assert (scan.rows, scan.read) == (20, 1000)
    assert scan.ms == pytest.approx(5.0)
    assert root.own_ms == pytest.approx(2.0)


def test_processes_that_work_side_by_side_take_the_time_of_one(node: MakeNode) -> None:
    scan = node("Seq Scan", table="claims", rows=100, loops=3, ms=6.0)
    gather = node("Gather", scan, rows=300, ms=8.0, detail={"Workers Launched": 2})
    root = plans.root({"Plan": gather})
    assert root.children[0].rows == 300
    assert root.children[0].ms == pytest.approx(6.0)
    assert root.own_ms == pytest.approx(2.0)


def test_a_node_that_was_never_run_has_no_rows_and_no_time(node: MakeNode) -> None:
    root = plans.root({"Plan": node("Seq Scan", table="claims", rows=0, loops=0, ms=0.0)})
    assert (root.rows, root.read, root.ms) == (0, 0, 0.0)


def test_every_node_comes_with_those_above_it(node: MakeNode) -> None:
    plan = node("Limit", node("Sort", node("Seq Scan", table="claims")), node("Result"))
    found = [
        (one.type, [a.type for a in above]) for one, above in plans.walk(plans.root({"Plan": plan}))
    ]
    assert found == [
        ("Limit", []),
        ("Sort", ["Limit"]),
        ("Seq Scan", ["Limit", "Sort"]),
        ("Result", ["Limit"]),
    ]


def test_the_page_tells_of_each_statement_its_times_and_what_its_plan_did(
    node: MakeNode, operation: MakeOperation
) -> None:
    scan = node(
        "Seq Scan",
        table="claims",
        rows=3,
        removed=9997,
        detail={"Filter": "(claims.topic = 'x')", "Shared Hit Blocks": 59},
    )
    page = plan_text.page({"operations": [operation(node("Limit", scan), None, values=["x"])]})
    assert "search: 10.0 ms (9 calls)" in page
    assert "statement_1: p50 5.00 ms, p95 5.00 ms, 50 % of the operation" in page
    assert "-> Seq Scan on claims: 3 rows (planned 3 a loop)" in page
    assert "Filter: (claims.topic = 'x')" in page
    assert "read and dropped: 9,997 rows" in page
    assert "pages: hit 59" in page
    assert "(a statement without a plan)" in page

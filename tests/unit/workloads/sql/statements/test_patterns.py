from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from embprof.workloads.sql.statements import patterns

if TYPE_CHECKING:
    from tests.unit.workloads.sql.statements.conftest import MakeNode, MakeOperation


def statement(operation: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = operation["statements"][0]
    return found


def test_scans_of_large_tables_are_counted_and_no_others(
    node: MakeNode, operation: MakeOperation
) -> None:
    large = node("Seq Scan", table="claims", rows=1, removed=999)
    small = node("Seq Scan", table="claims", rows=1, removed=998)
    index = node("Index Scan", table="claims", rows=5000)
    found = patterns.sequential_scans(statement(operation(node("Append", large, small, index))))
    assert [one.read for one in found] == [1000]
    assert patterns.sequential_scans(statement(operation(None))) == []


def test_statements_that_differ_in_their_values_alone_are_counted_together(
    operation: MakeOperation,
) -> None:
    alike = operation(None, None, fingerprint="same", executions=3.0, ms=1.0, percent=30.0)
    (found,) = patterns.repetitions(alike)
    assert found.statements == ("statement_1", "statement_2")
    assert (found.executions, found.ms) == (6.0, 6.0)
    assert found.share == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("detail", "kilobytes"),
    [
        ({"Sort Space Type": "Disk", "Sort Space Used": 500}, 500),
        ({"Sort Space Type": "Memory", "Sort Space Used": 500}, 0),
        ({"Hash Batches": 4, "Peak Memory Usage": 1000}, 4000),
        ({"Hash Batches": 1, "Peak Memory Usage": 1000}, 0),
        ({"Disk Usage": 300}, 300),
        ({}, 0),
    ],
)
def test_what_goes_to_disk_is_told_with_its_size(
    node: MakeNode, operation: MakeOperation, detail: dict[str, Any], kilobytes: int
) -> None:
    found = patterns.spills(statement(operation(node("Any", detail=detail))))
    assert sum(one.bytes for one in found) == 1024 * kilobytes


@pytest.mark.parametrize(
    ("planned", "rows", "loops", "is_wrong"),
    [
        (10, 10_000, 1, True),
        (100_000, 1000, 1, True),
        (2000, 10_000, 1, False),
        (10, 900, 1, False),
        (1, 50, 100, True),
        (1, 1, 10_000, False),
    ],
)
def test_an_estimate_is_far_off_from_ten_times_and_a_thousand_rows_on(
    node: MakeNode,
    operation: MakeOperation,
    *,
    planned: int,
    rows: int,
    loops: int,
    is_wrong: bool,
) -> None:
    scan = node("Seq Scan", table="claims", rows=rows, planned=planned, loops=loops)
    assert bool(patterns.misestimates(statement(operation(scan)))) is is_wrong


def test_of_a_branch_that_is_misjudged_the_lowest_node_is_named(
    node: MakeNode, operation: MakeOperation
) -> None:
    scan = node("Seq Scan", table="claims", rows=10_000, planned=10)
    join = node("Hash Join", node("Hash", scan, rows=10_000, planned=10), rows=90_000, planned=90)
    found = patterns.misestimates(statement(operation(join)))
    assert [one.type for one in found] == ["Seq Scan"]


@pytest.mark.parametrize(
    ("above", "detail", "is_told"),
    [
        ("Limit", {}, False),
        ("Merge Join", {}, False),
        ("Nested Loop", {"Join Type": "Semi"}, False),
        ("Nested Loop", {"Inner Unique": True}, False),
        ("Sort", {}, True),
        ("Nested Loop", {"Join Type": "Inner"}, True),
    ],
)
def test_a_node_that_was_stopped_before_its_end_is_not_misjudged(
    node: MakeNode, operation: MakeOperation, *, above: str, detail: dict[str, Any], is_told: bool
) -> None:
    inner = {"Parent Relationship": "Inner"}
    scan = node("Seq Scan", table="claims", rows=20, planned=90_000, detail=inner)
    found = patterns.misestimates(statement(operation(node(above, scan, detail=detail))))
    assert bool(found) is is_told


def test_the_glance_has_the_scans_the_repeats_and_the_slowest_statement(
    node: MakeNode, operation: MakeOperation
) -> None:
    scan = node("Seq Scan", table="claims", removed=9999)
    one, other = operation(scan), operation(scan, None, executions=20.0)
    found = {one.name: one.values for one in patterns.samples([one, other])}
    assert found == {"seq_scans": (2.0,), "repeats": (20.0,), "slowest_statement": (10.0,)}

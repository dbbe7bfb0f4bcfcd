from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from embprof.workloads.sql.statements.indexes import suggestions

if TYPE_CHECKING:
    from tests.unit.workloads.sql.statements.conftest import MakeNode, MakeOperation, MakeTable

TOPIC_AND_TIME = "((claims.made_at > $2) AND (claims.topic = $1))"


@pytest.fixture
def scan(node: MakeNode) -> Any:
    """A scan of 10,000 claims that keeps few of them."""

    def make(condition: str, kept: int = 20, kind: str = "Seq Scan", **detail: Any) -> Any:
        return node(
            kind,
            table="claims",
            rows=kept,
            removed=10_000 - kept,
            ms=8.0,
            detail={"Filter": condition, **detail},
        )

    return make


def keys(operation: dict[str, Any], *tables: dict[str, Any]) -> list[tuple[str, ...]]:
    return [one.keys for one in suggestions(operation, tables)]


def test_columns_that_are_asked_to_be_equal_come_before_one_that_is_asked_for_a_range(
    scan: Any, operation: MakeOperation, table: MakeTable
) -> None:
    (found,) = suggestions(operation(scan(TOPIC_AND_TIME)), [table()])
    assert found.ddl == "CREATE INDEX ON claims (topic, made_at)"
    assert (found.read, found.kept) == (10_000, 20)
    assert found.why == TOPIC_AND_TIME


def test_the_share_is_of_the_operation_and_of_the_rows_that_are_of_no_use(
    scan: Any, operation: MakeOperation, table: MakeTable
) -> None:
    found = suggestions(operation(scan(TOPIC_AND_TIME, kept=500), None), [table()])
    assert [one.share for one in found] == [pytest.approx(0.8 * 0.95 * 0.5)]


def test_of_columns_that_are_asked_to_be_equal_the_one_with_most_values_leads(
    scan: Any, operation: MakeOperation, table: MakeTable
) -> None:
    known = table(distinct={"language": 4, "topic": 40, "email": -1.0, "status": 2})
    asked = "((claims.language = 'a') AND (claims.topic = 'b') AND (claims.email = 'c'))"
    assert keys(operation(scan(asked)), known) == [("email", "topic", "language")]
    asked = f"{asked[:-1]} AND (claims.status = 'd'))"
    assert keys(operation(scan(asked)), known) == [("email", "topic", "language")]


@pytest.mark.parametrize("kept", [1001, 5000, 10_000])
def test_a_scan_that_keeps_much_of_what_it_reads_needs_no_index(
    scan: Any, operation: MakeOperation, table: MakeTable, kept: int
) -> None:
    assert keys(operation(scan(TOPIC_AND_TIME, kept=kept)), table()) == []


def test_a_small_table_needs_no_index(
    node: MakeNode, operation: MakeOperation, table: MakeTable
) -> None:
    small = node("Seq Scan", table="claims", removed=900, detail={"Filter": TOPIC_AND_TIME})
    assert keys(operation(small), table()) == []


def test_a_small_table_that_is_read_again_and_again_needs_one(
    node: MakeNode, operation: MakeOperation, table: MakeTable
) -> None:
    detail = {"Filter": "(claims.id = e.claim_id)"}
    inner = node("Seq Scan", table="claims", removed=899, loops=100, detail=detail)
    assert keys(operation(node("Nested Loop", inner)), table()) == [("id",)]


@pytest.mark.parametrize("existing", [["topic", "made_at"], ["topic", "made_at", "text"]])
def test_an_index_that_is_there_and_was_not_taken_is_not_suggested(
    scan: Any, operation: MakeOperation, table: MakeTable, existing: list[str]
) -> None:
    assert keys(operation(scan(TOPIC_AND_TIME)), table(indexes=[existing])) == []


def test_an_index_with_the_wrong_order_or_on_a_part_of_the_rows_is_no_substitute(
    scan: Any, operation: MakeOperation, table: MakeTable
) -> None:
    wrong = table(indexes=[["made_at", "topic"]])
    assert keys(operation(scan(TOPIC_AND_TIME)), wrong) == [("topic", "made_at")]
    partial = table(indexes=[["topic", "made_at"]])
    partial["indexes"][0]["partial"] = True
    assert keys(operation(scan(TOPIC_AND_TIME)), partial) == [("topic", "made_at")]


def test_an_index_that_the_new_one_begins_with_is_said_to_be_of_no_more_use(
    scan: Any, operation: MakeOperation, table: MakeTable
) -> None:
    found = suggestions(operation(scan(TOPIC_AND_TIME)), [table(indexes=[["topic"]])])
    assert [one.replaces for one in found] == ["by_topic"]
    found = suggestions(operation(scan(TOPIC_AND_TIME)), [table(indexes=[["topic"]], unique=True)])
    assert [one.replaces for one in found] == [None]


def test_an_index_whose_rows_are_filtered_is_extended_by_the_filter(
    scan: Any, operation: MakeOperation, table: MakeTable
) -> None:
    used = scan(
        "(claims.language = $2)", kind="Index Scan", **{"Index Cond": "(claims.topic = $1)"}
    )
    known = table(indexes=[["topic"]], distinct={"topic": 40, "language": 4})
    assert keys(operation(used), known) == [("topic", "language")]


def test_a_sort_that_a_limit_cuts_is_spared_by_an_index_in_its_order(
    node: MakeNode, operation: MakeOperation, table: MakeTable
) -> None:
    scan = node(
        "Seq Scan",
        table="claims",
        rows=5000,
        removed=5000,
        ms=5.0,
        detail={"Filter": "(claims.topic = $1)"},
    )
    sort = node("Sort", scan, rows=20, ms=9.0, detail={"Sort Key": ["claims.made_at DESC"]})
    (found,) = suggestions(operation(node("Limit", sort, rows=20, ms=9.0)), [table()])
    assert found.keys == ("topic", "made_at")
    assert found.kept == 20
    assert found.share == pytest.approx(0.9 * (1 - 20 / 10_000))


def test_a_sort_of_all_rows_is_spared_by_nothing(
    node: MakeNode, operation: MakeOperation, table: MakeTable
) -> None:
    scan = node("Seq Scan", table="claims", rows=10_000)
    sort = node("Sort", scan, rows=10_000, detail={"Sort Key": ["claims.made_at DESC"]})
    assert keys(operation(sort), table()) == []


@pytest.mark.parametrize("kind", ["Hash Join", "Nested Loop"])
def test_a_join_that_finds_few_rows_of_a_table_needs_an_index_on_its_column(
    node: MakeNode, operation: MakeOperation, table: MakeTable, kind: str
) -> None:
    scan = node("Seq Scan", table="evidence", rows=40_000, ms=6.0)
    few = node("Index Scan", table="claims", rows=20)
    name = {"Hash Join": "Hash Cond", "Nested Loop": "Join Filter"}[kind]
    condition = {name: "(evidence.claim_id = claims.id)"}
    join = node(kind, scan, few, rows=80, ms=9.0, detail=condition)
    tables = table("evidence"), table("claims", indexes=[["id"]])
    assert keys(operation(join), *tables) == [("claim_id",)]


def test_a_join_that_finds_much_of_a_table_reads_it_as_a_whole(
    node: MakeNode, operation: MakeOperation, table: MakeTable
) -> None:
    scan = node("Seq Scan", table="evidence", rows=40_000, ms=6.0)
    many = node("Seq Scan", table="claims", rows=10_000)
    condition = {"Hash Cond": "(evidence.claim_id = claims.id)"}
    join = node("Hash Join", scan, many, rows=40_000, ms=9.0, detail=condition)
    assert keys(operation(join), table("evidence"), table("claims")) == []


def test_what_no_index_can_narrow_must_not_make_a_column_look_selective(
    scan: Any, operation: MakeOperation, table: MakeTable
) -> None:
    asked = "((claims.text ~~ '%word%'::text) AND (claims.language = 'en'::text))"
    assert keys(operation(scan(asked)), table(distinct={"language": 4})) == []
    assert keys(operation(scan(asked)), table(distinct={"language": 400})) == [("language",)]


def test_the_beginning_of_a_text_takes_an_operator_class_and_a_function_an_expression(
    scan: Any, operation: MakeOperation, table: MakeTable
) -> None:
    prefix = operation(scan("(claims.text ~~ 'abc%'::text)"))
    assert keys(prefix, table()) == [("text text_pattern_ops",)]
    computed = operation(scan("(lower(claims.email) = $1)"))
    assert keys(computed, table()) == [("lower(email)",)]
    cast = operation(scan("((claims.made_at)::date = $1)"))
    assert keys(cast, table()) == []


def test_statements_that_one_index_serves_are_named_together(
    scan: Any, operation: MakeOperation, table: MakeTable
) -> None:
    both = operation(scan(TOPIC_AND_TIME), scan("(claims.topic = $1)"))
    (found,) = suggestions(both, [table()])
    assert found.keys == ("topic", "made_at")
    assert found.statements == ("statement_1", "statement_2")
    assert found.share > 0.7


def test_names_are_quoted_and_qualified_where_they_have_to_be(
    node: MakeNode, operation: MakeOperation, table: MakeTable
) -> None:
    detail = {"Filter": '("Claims"."Odd Name" = 1)'}
    scan = node("Seq Scan", table="Claims", removed=9999, detail=detail)
    (found,) = suggestions(operation(scan), [table("Claims", in_search_path=False)])
    assert found.ddl == 'CREATE INDEX ON public."Claims" ("Odd Name")'

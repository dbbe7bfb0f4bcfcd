import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from embprof.workloads.sql.statements import Query, Statement
from embprof.workloads.sql.statements.calls import NO_ROWS, Call, Rows, calls, perform
from embprof.workloads.sql.statements.yaml_file import read

OPERATIONS = read("""
operations:
  one_by_one:
    parameters:
      topic: [a, b]
      days: {range: [1, 9]}
      claim: {query: SELECT id FROM claims}
      claims: {query: SELECT id FROM claims, count: 4}
    statements:
      - name: claims
        sql: SELECT id FROM c WHERE t = :topic AND d = :days AND i = :claim OR i = ANY(:claims)
      - name: evidence
        for_each: claims
        sql: SELECT text FROM evidence WHERE claim_id = :id AND topic = :topic
      - name: together
        parameters: {ids: {column: claims.id}}
        sql: SELECT * FROM evidence WHERE claim_id = ANY(:ids)
  other:
    statements: [SELECT 1]
""")
POOLS = {
    one: range(100)
    for operation in OPERATIONS
    for one in operation.parameters.values()
    if isinstance(one, Query)
}


def draw(count: int, seed: int = 0, only: slice = slice(None)) -> list[Call]:
    return list(itertools.islice(calls(OPERATIONS[only], POOLS, seed), count))


class Asked:
    """A server of which every claim has two rows."""

    def __init__(self) -> None:
        self.of: list[tuple[str, list[Any]]] = []

    def __call__(self, statement: Statement, values: Sequence[Any]) -> Rows:
        self.of.append((statement.name, list(values)))
        return Rows(columns=("id",), rows=[(7,), (8,)]) if statement.name == "claims" else NO_ROWS


def test_operations_are_called_in_turn() -> None:
    assert [call.operation for call in draw(4)] == ["one_by_one", "other", "one_by_one", "other"]


def test_the_same_seed_draws_the_same_values_and_another_one_others() -> None:
    assert draw(20) == draw(20)
    assert draw(20) != draw(20, seed=1)


def test_what_an_operation_draws_does_not_depend_on_the_others() -> None:
    alone = draw(5, only=slice(0, 1))
    assert [call for call in draw(10) if call.operation == "one_by_one"] == alone


def test_values_are_gone_through_drawn_from_a_range_and_from_what_a_query_returned() -> None:
    values = [call.values for call in draw(50, only=slice(0, 1))]
    assert [one["topic"] for one in values[:3]] == ["a", "b", "a"]
    assert {one["days"] for one in values} == set(range(1, 10))
    assert len({one["claim"] for one in values}) > 20
    assert {len(set(one["claims"])) for one in values} == {4}


def test_a_value_that_comes_often_is_drawn_often() -> None:
    pools: dict[Query, Sequence[Any]] = {query: [1] * 90 + [2] * 10 for query in POOLS}
    drawn = [
        call.values["claim"] for call in itertools.islice(calls(OPERATIONS, pools, 0), 0, 800, 2)
    ]
    assert 0.85 < drawn.count(1) / len(drawn) < 0.95


def test_a_statement_is_repeated_for_each_row_of_another() -> None:
    (call,) = draw(1)
    asked = Asked()
    perform(call, asked)
    values = call.values
    assert asked.of == [
        ("claims", [values["topic"], values["days"], values["claim"], values["claims"]]),
        ("evidence", [7, values["topic"]]),
        ("evidence", [8, values["topic"]]),
        ("together", [[7, 8]]),
    ]


def test_only_rows_that_another_statement_reads_are_kept() -> None:
    (call,) = draw(1)
    assert [one.is_read for one in call.statements] == [True, False, False]


def test_a_column_that_the_rows_do_not_have_is_told_with_those_that_there_are() -> None:
    with pytest.raises(LookupError, match="no column id in its rows; there are a, b"):
        Rows(columns=("a", "b"), rows=[(1, 2)]).column("id")

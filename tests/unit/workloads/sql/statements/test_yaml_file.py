import pytest

from embprof.workloads.sql.statements import Column, Cycle, FromRow, Query, Range
from embprof.workloads.sql.statements.yaml_file import read
from embprof.workloads.sql.statements.yaml_lines import WrongError

FILE = """\
operations:
  search:
    parameters:
      topic: [energy, health]
      days: {range: [1, 30]}
      ids: {query: SELECT id FROM claims, count: 3}
    statements:
      - name: found
        sql: |
          SELECT id FROM claims
          WHERE topic = :topic AND age < :days AND id = ANY(:ids)
      - for_each: found
        parameters: {least: 0.5}
        sql: SELECT * FROM evidence WHERE claim_id = :id AND score > :least
      - parameters: {all: {column: found.id}}
        sql: SELECT * FROM verdicts WHERE claim_id = ANY(:all) AND topic = :topic
  count:
    statements: [SELECT count(*) FROM claims]
"""


def test_an_operation_has_its_statements_in_order_and_its_parameters() -> None:
    search, count = read(FILE)
    assert [one.name for one in search.statements] == ["found", "search_2", "search_3"]
    assert search.parameters == {
        "topic": Cycle(values=("energy", "health")),
        "days": Range(low=1, high=30),
        "ids": Query(sql="SELECT id FROM claims", count=3),
        "1.least": Cycle(values=(0.5,)),
    }
    assert [one.name for one in count.statements] == ["count"]


def test_a_placeholder_gets_its_value_from_a_parameter_a_row_or_a_column() -> None:
    found, each, together = read(FILE)[0].statements
    assert found.arguments == {"topic": "topic", "days": "days", "ids": "ids"}
    assert each.for_each == "found"
    assert each.arguments == {"id": FromRow(column="id"), "least": "1.least"}
    assert together.arguments == {
        "all": Column(statement="found", column="id"),
        "topic": "topic",
    }


def test_a_statement_knows_its_line_in_the_file() -> None:
    assert [one.line for one in read(FILE)[0].statements] == [10, 14, 16]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", None, "is empty"),
        ("operations: {a: [", 1, "is no YAML"),
        ("a: b", 1, "operations: must be given"),
        ("operations: {}", 1, "must not be empty"),
        ("operations:\n x:\n  statments: []", 3, "did you mean statements?"),
        ("operations:\n x: {statements: []}", 2, "must not be empty"),
        ("operations:\n x: {statements: [a]}\n x: {statements: [a]}", 3, "x is given twice"),
        ("operations:\n x y: {statements: [a]}", 2, "a name is made of letters"),
        ("operations:\n x:\n  statements:\n   - sql: 1", 4, "must be text"),
        ("operations:\n x:\n  statements:\n   - SELECT :no", 4, ":no is no parameter"),
        ("operations:\n x:\n  statements:\n   - a; b", 4, "several statements"),
        ("operations:\n x:\n  statements:\n   - ''", 4, "no statement"),
        ("operations:\n x:\n  statements:\n   - BEGIN", 4, "a transaction already"),
        ("operations:\n x:\n  statements:\n   - |\n    SELECT\n    'a", 6, "does not end"),
        (
            "operations:\n x:\n  parameters: {n: {range: [2, 1]}}\n  statements: [a]",
            3,
            "is empty",
        ),
        (
            "operations:\n x:\n  parameters: {n: {count: 2}}\n  statements: [a]",
            3,
            "must have one of",
        ),
        (
            "operations:\n x:\n  statements:\n   - {sql: a, for_each: b}",
            4,
            "there is no earlier statement b",
        ),
        (
            "operations:\n x:\n  statements:\n   - {sql: a, name: b}\n   - {sql: a, name: b}",
            5,
            "there are two statements b",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(
    text: str, line: int | None, said: str
) -> None:
    with pytest.raises(WrongError) as error:
        read(text)
    assert any(found == line and said in what for found, what in error.value.problems)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(WrongError) as error:
        read("operations:\n x:\n  statements: ['SELECT :a', 'SELECT :b', 'a; b']")
    assert len(error.value.problems) == 3

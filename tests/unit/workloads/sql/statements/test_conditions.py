import pytest

from embprof.workloads.sql.statements.conditions import conditions, joined, sort_keys


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(c.topic = 'a AND (b'::text)", [("topic", "equal")]),
        ("(c.topic = $1)", [("topic", "equal")]),
        ("((c.status)::text = 'open'::text)", [("status", "equal")]),
        ("(c.id = ANY ('{1,2}'::bigint[]))", [("id", "equal")]),
        ("(c.id = e.claim_id)", [("id", "equal")]),
        ("(e.claim_id = c.id)", [("id", "equal")]),
        ("(c.gone_at IS NULL)", [("gone_at", "equal")]),
        ("(c.gone_at IS NOT NULL)", [("gone_at", "other")]),
        ("c.is_open", [("is_open", "equal")]),
        ("(NOT c.is_open)", [("is_open", "equal")]),
        ("(5 < c.n)", [("n", "range")]),
        ("(c.n >= (e.n + 1))", [("n", "range")]),
        ("(lower(c.email) = 'x'::text)", [("lower(email)", "equal")]),
        ("((c.made_at)::date = '2024-01-01'::date)", [("(made_at)::date", "equal")]),
        ("(c.text ~~ 'abc%'::text)", [("text", "prefix")]),
        ("(c.text ~~ '%abc%'::text)", [("text", "other")]),
        ("(c.text ~~ 'a_c%'::text)", [("text", "other")]),
        ("(c.a <> 1)", [("a", "other")]),
        ("(c.a = c.b)", [("a", "other")]),
        ('(c."Odd Name" = 1)', [('"Odd Name"', "equal")]),
        ("(e.score > 0.5)", []),
        ("(SubPlan 1)", []),
        ("", []),
        (
            "(((c.a = 1) AND (c.b <= 2)) AND (e.x = 1) AND (c.d = (InitPlan 1).col1))",
            [("a", "equal"), ("b", "range"), ("d", "equal")],
        ),
    ],
)
def test_a_condition_tells_what_an_index_could_do_for_it(
    text: str, found: list[tuple[str, str]]
) -> None:
    assert [(one.key, one.how) for one in conditions(text, "c")] == found


def test_conditions_that_or_joins_are_for_no_single_index() -> None:
    (found,) = conditions("((c.a = 1) OR (c.b = 2))", "c")
    assert found.how == "other"


def test_a_join_asks_columns_of_two_tables_to_be_equal() -> None:
    assert joined("((e.claim_id = c.id) AND (e.n > c.n) AND (e.a = 1))") == [
        (("e", "claim_id"), ("c", "id"))
    ]


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        (["c.made_at DESC"], ["made_at"]),
        (["c.a", "c.b"], ["a", "b"]),
        (["c.a", "c.b DESC NULLS LAST"], ["a", "b DESC NULLS LAST"]),
        (["(count(*)) DESC"], None),
        (["c.a", "e.b"], None),
    ],
)
def test_an_index_is_sorted_as_the_statement_is(written: list[str], keys: list[str] | None) -> None:
    assert sort_keys(written, "c") == keys

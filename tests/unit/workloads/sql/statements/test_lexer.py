import random

import pytest

from embprof.workloads.sql.statements import lexer
from embprof.workloads.sql.statements.lexer import UnendedError

STATEMENTS = (
    "SELECT 1",
    "SELECT 'it''s; here', E'a\\';b', \"odd;name\" FROM t",
    "SELECT $$ one; $$, $tag$ two; $$; $tag$",
    "SELECT /* a /* nested ; */ comment; */ 2 -- and; this\n, 3",
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN 1; END; $body$",
    "CREATE OR REPLACE FUNCTION g() BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 2 END; END",
    "SELECT CASE WHEN a THEN 'begin' END FROM t",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)",
    "SELECT a[1:2], b::int, x -> 'k;', 1.5e3, .5, 0xFF, 1..3 FROM größe",
)


def test_the_tokens_of_a_text_put_together_are_the_text() -> None:
    chance = random.Random(0)
    for _ in range(200):
        text = " ;\n".join(chance.choices(STATEMENTS, k=chance.randint(0, 6)))
        assert "".join(token.text for token in lexer.tokens(text)) == text


def test_a_text_is_split_into_the_statements_that_it_was_made_of() -> None:
    chance = random.Random(0)
    for _ in range(200):
        made_of = chance.choices(STATEMENTS, k=chance.randint(0, 6))
        text = ";\n\n".join(made_of) + chance.choice(["", ";", ";;  ", "; -- the end"])
        assert [piece.sql for piece in lexer.split(text)] == made_of


def test_a_statement_knows_its_line_and_the_comments_before_it() -> None:
    first, second = lexer.split("-- name: a\nSELECT\n1;\n\n/* two */\n-- lines\nSELECT 2")
    assert (first.line, first.comments) == (2, ("-- name: a",))
    assert (second.line, second.comments) == (7, ("/* two */", "-- lines"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SELECT\n'abc", 2),
        ('SELECT "abc', 1),
        ("SELECT 1;\n\n/* a /* b */", 3),
        ("SELECT $x$ abc $y$", 1),
    ],
)
def test_what_does_not_end_is_told_with_the_line_where_it_begins(text: str, line: int) -> None:
    with pytest.raises(UnendedError) as error:
        lexer.split(text)
    assert error.value.line == line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT * FROM t WHERE id = 17", "select *  from T where ID=99 -- again"),
        ("SELECT * FROM t WHERE name = 'a;b'", "SELECT * FROM t WHERE name = $$c$$"),
        ("SELECT * FROM t WHERE id IN (1, 2, 3)", "SELECT * FROM t WHERE id IN (4)"),
        ("INSERT INTO t VALUES (1, 'a')", "INSERT INTO t VALUES (2, 'b'), (3, 'c')"),
        ("SELECT * FROM t WHERE id = :id", "SELECT * FROM t WHERE id = $1"),
    ],
)
def test_statements_that_differ_in_their_values_have_one_fingerprint(one: str, other: str) -> None:
    assert lexer.fingerprint(one) == lexer.fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t WHERE id = 1", "SELECT b FROM t WHERE id = 1"),
        ('SELECT "A" FROM t', 'SELECT "a" FROM t'),
        ("SELECT a FROM t", "SELECT a FROM t WHERE id = 1"),
    ],
)
def test_statements_that_ask_something_else_have_other_fingerprints(one: str, other: str) -> None:
    assert lexer.fingerprint(one) != lexer.fingerprint(other)


def test_placeholders_are_names_after_a_colon_outside_of_texts_and_casts() -> None:
    sql = "SELECT :a, ':b', x::text, /* :c */ y[1:2], :d, :a"
    assert lexer.names(sql) == ["a", "d"]
    numbered = lexer.number_placeholders(sql, ["a", "d"])
    assert numbered == ("SELECT $1, ':b', x::text, /* :c */ y[1:2], $2, $1")


@pytest.mark.parametrize(
    "sql", ["BEGIN", "commit work", "ROLLBACK TO x", "SET TRANSACTION READ WRITE", "END"]
)
def test_what_begins_or_ends_transactions_is_recognised(sql: str) -> None:
    assert lexer.controls_transaction(sql)


@pytest.mark.parametrize("sql", ["SELECT 1", "SET LOCAL work_mem = '4MB'", "UPDATE t SET a = 1"])
def test_what_leaves_transactions_alone_is_not_taken_for_that(sql: str) -> None:
    assert not lexer.controls_transaction(sql)

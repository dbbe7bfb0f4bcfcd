from typing import Any

import pytest

from embprof.config.compose import compose
from embprof.config.plan import plan
from embprof.config.references import resolve
from embprof.errors import RequestError, ServiceError
from embprof.interface import workload
from embprof.services.postgres import package
from embprof.workloads.sql import Sql
from embprof.workloads.sql.statements import schemas
from embprof.workloads.sql.statements.preparation import stage_names, terms
from embprof.workloads.sql.statements.session import search_path
from embprof.workloads.sql.statements.setup_script import Script
from embprof.workloads.sql.statements.source import Source
from embprof.workloads.sql.statements.yaml_file import read

NAMES = read("""
operations:
  one: {statements: [{name: claims, sql: SELECT 1}, {name: evidence, sql: SELECT 2}]}
  two: {statements: [{name: claims, sql: SELECT 3}]}
""")


def script(sql: str) -> Script:
    return Source(statements="verification", setup_sql=sql or None).setup()


def problems(*overrides: str) -> list[str]:
    with pytest.raises(RequestError) as error:
        plan(["workload=sql", *overrides])
    return list(error.value.problems)


def settled(kind: Any = "generated", writes: Any = None, **service: Any) -> Any:
    return terms(
        {"dsn": "postgresql://", **service},
        kind,
        writes=writes,
        prepared=True,
        statement_timeout_ms=None,
        settings={"work_mem": None, "jit": False, "random_page_cost": 1.1},
    )


def test_it_has_what_measurements_ask_for() -> None:
    for protocol in (
        workload.Prepares,
        workload.MakesReady,
        workload.Reads,
        workload.Quality,
        workload.LeavesFiles,
        workload.UsesServers,
        workload.Refuses,
        workload.Stages,
        workload.Describes,
    ):
        assert issubclass(Sql, protocol)
    assert Sql.imports == ("psycopg",)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("workload.operation=serch", "must be one of claims_with_evidence"),
        ("workload.operation=[]", "must name an operation"),
        ("workload.schema=none", "give the address of yours as database.dsn"),
        ("workload.statements=nothing", "there is no such set"),
        ("workload.setup_sql=nothing.sql", "there is no such file"),
        ("workload.setup_sql=nothing", "there is no such file"),
        ("workload.setup_sql='my dump.sql'", "there is no such file"),
        ("workload.setup_sql='SELECT $$'", "line 1: the string $$"),
        ("workload.setup_sql='CREATE EXTENSION x'", "has no extension x (it has plpgsql, vector)"),
        ("workload.rows=0", "must be at least 1"),
        ("workload.rows=1000001", "must be at most 1000000"),
        ("workload.writes=maybe", "must be one of"),
    ],
)
def test_what_makes_no_sense_is_told_before_the_first_job(override: str, said: str) -> None:
    assert any(said in problem for problem in problems(override))


def test_without_an_embedded_server_the_other_problems_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(package, "PACKAGE", "no_such_package")
    given = ("workload.setup_sql='CREATE EXTENSION x'", "workload.rows=1", "workload.schema=none")
    assert any("give the address of yours" in problem for problem in problems(*given))


def test_names_are_looked_for_where_extensions_are_too() -> None:
    assert search_path("ours", ("pg_catalog", "a b", "public")) == '"ours", "public", "a b"'


def test_a_database_of_the_user_is_not_set_up() -> None:
    given = (
        "workload.schema=none",
        "database.dsn=postgresql://x/y",
        "workload.setup_sql='SELECT 1'",
    )
    (problem,) = problems(*given)
    assert "set up the database yourself" in problem


def test_the_file_of_statements_is_part_of_the_question() -> None:
    (job,) = plan(["workload=sql"]).jobs
    config = resolve(compose(["workload=sql"]).jobs[0].config)
    assert config["workload"]["corpus"]["statements"] == "verification"
    assert len(job.fingerprint["corpus_sha256"]) == 64


def test_a_statement_is_called_by_its_name_unless_another_operation_has_it_too() -> None:
    assert stage_names(NAMES) == {
        "one": {"claims": "one_claims", "evidence": "evidence"},
        "two": {"claims": "two_claims"},
    }


@pytest.mark.parametrize(
    ("kind", "writes", "found"),
    [
        ("generated", None, "roll_back"),
        ("empty", None, "roll_back"),
        ("none", None, "refuse"),
        ("none", "commit", "commit"),
        ("generated", "refuse", "refuse"),
    ],
)
def test_a_database_of_the_user_is_not_written_to_unless_they_say_so(
    kind: str, writes: str | None, found: str
) -> None:
    assert settled(kind, writes).writes == found


def test_settings_are_given_to_the_server_as_it_writes_them() -> None:
    assert settled().settings == {"jit": "off", "random_page_cost": "1.1"}


def test_a_user_who_may_make_no_schemas_is_told_what_can_be_asked() -> None:
    with pytest.raises(ServiceError, match=r"workload\.schema=none asks what is there"):
        settled(may_create=False, name="theirs")
    assert settled("none", may_create=False).writes == "refuse"


def test_schemas_are_told_apart_by_all_that_decides_what_is_in_them() -> None:
    names = [
        schemas.name("p", schemas.generator(rows, seed), script(setup))
        for rows, seed, setup in (
            (10, 0, ""),
            (11, 0, ""),
            (10, 1, ""),
            (10, 0, "CREATE INDEX ON a (b)"),
            (10, 0, "CREATE INDEX ON a (c)"),
            (10, 0, "COPY a FROM stdin;\n1\n\\."),
            (10, 0, "COPY a FROM stdin;\n2\n\\."),
        )
    ]
    assert len(set(names)) == len(names)
    assert names[0] == schemas.name("p", schemas.generator(10, 0), script(""))
    assert all(name.startswith("p_sql_") and len(name) < 30 for name in names)


def test_the_generator_is_filled_in() -> None:
    text = " ".join(schemas.generator(1234, 56))
    assert ":rows" not in text
    assert ":seed" not in text
    assert "1234" in text
    assert "56" in text

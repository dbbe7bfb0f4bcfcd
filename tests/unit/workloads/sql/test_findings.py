from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from embprof.commands import gate
from embprof.commands.run import parse
from embprof.config.plan import plan
from embprof.interface.finding import Finding, Kind, Level
from embprof.run.gate.arms import arms
from embprof.tracking.places import Places
from embprof.workloads.sql.findings import (
    disk_sorts,
    misestimates,
    missing_indexes,
    repeated_statements,
    sequential_scans,
)

if TYPE_CHECKING:
    from embprof.report.study import Answer
    from tests.unit.conftest import MakeAnswer, MakeStudy

Ask = Callable[..., Any]
RULES = (sequential_scans, missing_indexes, repeated_statements, disk_sorts, misestimates)
SQL = ("workload=sql", "workload.operation=search")
FILTER = "((claims.topic = $1) AND (claims.made_at > $2))"


def scan(**detail: Any) -> dict[str, Any]:
    return {
        "Node Type": "Seq Scan",
        "Relation Name": "claims",
        "Schema": "ours",
        "Alias": "claims",
        "Plan Rows": 20,
        "Actual Rows": 20,
        "Actual Loops": 1,
        "Actual Total Time": 8.0,
        "Rows Removed by Filter": 9980,
        "Filter": FILTER,
        **detail,
    }


def sort(**detail: Any) -> dict[str, Any]:
    return {
        "Node Type": "Sort",
        "Plan Rows": 90_000,
        "Actual Rows": 90_000,
        "Actual Loops": 1,
        "Actual Total Time": 9.0,
        "Sort Key": ["claims.text"],
        "Sort Space Type": "Disk",
        "Sort Space Used": 20 * 1024,
        **detail,
    }


def document(plan: Mapping[str, Any] | None, **changes: Any) -> dict[str, Any]:
    """What a run looked at: one operation of 10 ms whose one statement takes all of it."""
    statement = {
        "statement": "newest",
        "sql": "SELECT * FROM claims WHERE topic = $1",
        "fingerprint": "0123456789ab",
        "executions": 1.0,
        "ms": 10.0,
        "p50_ms": 10.0,
        "p95_ms": 10.0,
        "percent": 100.0,
        "values": ["x"],
        "generic": False,
        "plan": plan and {"Plan": plan, "Planning Time": 0.0, "Execution Time": 10.0},
        **changes,
    }
    table = {
        "schema": "ours",
        "table": "claims",
        "in_search_path": True,
        "rows": 10_000,
        "bytes": 1,
        "columns": {"topic": {"type": "text", "distinct": 40, "null_fraction": 0}},
        "indexes": [],
    }
    operation = {"operation": "search", "calls": 9, "ms": 10.0, "statements": [statement]}
    return {"operations": [operation], "tables": [table]}


@pytest.fixture
def asked(answer: MakeAnswer) -> Callable[..., Answer]:
    """A run of the operation whose plan is given."""

    def make(plan: Mapping[str, Any] | None, *overrides: str, **changes: Any) -> Answer:
        kept = {"plans.json": document(plan, **changes)}
        return answer(*SQL, *overrides, rate=100.0, documents=kept)

    return make


def only(found: Sequence[Finding]) -> Finding:
    (one,) = found
    return one


def setup_of_b(check: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What arm B of a gate sets up, its arm A as it is, once it was found to be a valid request."""
    configs: list[Any] = []

    def composed(overrides: Sequence[str], *, multirun: bool) -> int:
        (row,) = arms(plan(overrides, multirun=multirun), overrides, Places.here()).rows
        configs.extend((row.a.job.config["workload"], row.b.job.config["workload"]))
        return 0

    monkeypatch.setattr(gate, "measure", composed)
    words = shlex.split(check)
    assert words[:4] == ["python", "-m", "embprof", "gate"]
    assert gate.main(words[4:]) == 0
    a, b = configs
    return a, b


def test_a_scan_of_a_large_table_is_a_fact_with_its_rows_and_its_share(
    asked: Ask, study: MakeStudy
) -> None:
    found = only(list(sequential_scans.find(study(asked(scan())))))
    assert found.kind is Kind.FACT
    assert "10,000 rows, of which 20 are kept, in 80 % of the time" in found.title
    assert found.component == "claims"
    assert found.time_share == pytest.approx(0.8)
    assert any(FILTER in line for line in found.evidence)


def test_a_scan_that_takes_little_of_the_time_is_not_worth_a_word(
    asked: Ask, study: MakeStudy
) -> None:
    little = asked(scan(**{"Actual Total Time": 0.4}))
    assert list(sequential_scans.find(study(little))) == []
    assert list(missing_indexes.find(study(little))) == []


def test_a_missing_index_is_advised_with_its_ddl_and_what_it_could_spare(
    asked: Ask, study: MakeStudy
) -> None:
    found = only(list(missing_indexes.find(study(asked(scan())))))
    assert found.advice == "CREATE INDEX ON claims (topic, made_at);"
    assert found.priority is Level.HIGH
    assert found.improvement is not None
    assert found.improvement.share == pytest.approx(0.8 * 0.998)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((), "CREATE INDEX ON claims (topic, made_at)"),
        (
            ("workload.setup_sql='ANALYZE claims'",),
            ["ANALYZE claims", "CREATE INDEX ON claims (topic, made_at)"],
        ),
        (
            ("workload.setup_sql=['SELECT \"a\"', 'SELECT 1']",),
            ['SELECT "a"', "SELECT 1", "CREATE INDEX ON claims (topic, made_at)"],
        ),
    ],
)
def test_its_check_is_a_gate_of_the_schema_as_it_is_and_with_the_index(
    asked: Ask,
    study: MakeStudy,
    monkeypatch: pytest.MonkeyPatch,
    *,
    before: tuple[str, ...],
    after: object,
) -> None:
    found = only(list(missing_indexes.find(study(asked(scan(), *before)))))
    a, b = setup_of_b(str(found.check), monkeypatch)
    assert b["setup_sql"] == after
    assert {**b, "setup_sql": 0, "corpus": 0} == {**a, "setup_sql": 0, "corpus": 0}


def test_on_a_database_of_the_user_the_check_measures_again_and_others_need_not_wait(
    asked: Ask, study: MakeStudy
) -> None:
    theirs = asked(scan(), "workload.schema=none", "database.dsn=postgresql://host/name")
    found = only(list(missing_indexes.find(study(theirs))))
    assert str(found.advice).startswith("CREATE INDEX CONCURRENTLY ON claims")
    words = shlex.split(str(found.check))
    assert "gate" not in words
    assert plan(parse(words[3:]).overrides, multirun=False).jobs


@pytest.mark.parametrize(("executions", "is_told"), [(1.0, False), (4.0, False), (20.0, True)])
def test_a_statement_that_is_executed_often_in_one_operation_is_told(
    asked: Ask, study: MakeStudy, *, executions: float, is_told: bool
) -> None:
    run = asked(None, executions=executions, ms=10 / executions)
    found = list(repeated_statements.find(study(run)))
    assert bool(found) is is_told
    for one in found:
        assert "newest is executed 20 times in one operation, 100 % of its time" in one.title
        assert one.improvement is not None
        assert one.improvement.share == pytest.approx(0.95)


def test_what_goes_to_disk_is_told_with_a_work_mem_that_would_do(
    asked: Ask, study: MakeStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = only(list(disk_sorts.find(study(asked(sort())))))
    assert "20.0 MB do not fit into work_mem" in found.title
    assert "SET LOCAL work_mem = '64MB'" in str(found.advice)
    _, b = setup_of_b(str(found.check), monkeypatch)
    assert b["settings"]["work_mem"] == "64MB"


def test_a_sort_in_memory_is_not_told(asked: Ask, study: MakeStudy) -> None:
    assert list(disk_sorts.find(study(asked(sort(**{"Sort Space Type": "Memory"}))))) == []


@pytest.mark.parametrize(
    ("generic", "condition", "said"),
    [
        (False, FILTER, "CREATE STATISTICS ON topic, made_at FROM claims"),
        (False, "(claims.topic = 'x')", "ANALYZE claims"),
        (True, FILTER, "plan_cache_mode = force_custom_plan"),
    ],
)
def test_a_plan_for_other_rows_than_there_were_is_told_with_what_would_tell_the_planner(
    asked: Ask,
    study: MakeStudy,
    monkeypatch: pytest.MonkeyPatch,
    *,
    generic: bool,
    condition: str,
    said: str,
) -> None:
    wrong = scan(**{"Plan Rows": 5, "Actual Rows": 5000, "Filter": condition})
    found = only(list(misestimates.find(study(asked(wrong, generic=generic)))))
    assert "newest was planned for 5 rows on claims where there were 5,000" in found.title
    assert said in str(found.advice)
    setup_of_b(str(found.check), monkeypatch)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.RULE.name)
def test_runs_of_other_workloads_and_runs_without_plans_say_nothing(
    rule: Any, answer: MakeAnswer, study: MakeStudy
) -> None:
    assert list(rule.find(study(answer(rate=1.0), answer(*SQL, rate=1.0)))) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.RULE.name)
def test_an_operation_that_was_measured_again_is_told_once(
    rule: Any, asked: Ask, study: MakeStudy
) -> None:
    wrong = scan(
        **{"Actual Rows": 1000, "Plan Rows": 1, "Plans": [sort(**{"Actual Total Time": 1.0})]}
    )
    run, again = asked(wrong, executions=9.0), asked(wrong, executions=9.0)
    other = asked(wrong, "workload.rows=5", executions=9.0)
    assert len(list(rule.find(study(run, again)))) == 1
    assert len(list(rule.find(study(run, again, other)))) == 2

"""SQL statements against a real server: what is measured, what is found, and what is left alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hydra.utils import instantiate

from embprof.config.compose import compose
from embprof.config.references import resolve
from embprof.errors import CallFailedError, RequestError
from embprof.services.postgres import Postgres
from embprof.workloads.sql import Sql
from embprof.workloads.sql.statements import indexes, patterns, schemas

if TYPE_CHECKING:
    from tests.integration.conftest import MakeDesk, Measured

pytestmark = pytest.mark.postgres

ROWS = 8000
MakeSql = Callable[..., Sql]
MINE = """
operations:
  by_email:
    parameters:
      email: {query: SELECT email FROM users}
    statements:
      - SELECT * FROM users WHERE lower(email) = :email
  write:
    statements:
      - INSERT INTO hits VALUES (1)
  slow:
    parameters: {seconds: [0, 60]}
    statements:
      - SELECT pg_sleep(:seconds)
  sorted:
    statements:
      - SELECT * FROM users ORDER BY note, id
"""


@pytest.fixture(scope="module")
def facts() -> Iterator[Mapping[str, Any]]:
    """A server with two tables of a user's."""
    server = Postgres(dsn=None)
    try:
        found = server.start(print)
        with psycopg.connect(found["dsn"], autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE users AS SELECT i AS id, md5(i::text) AS email, "
                "repeat('x', 100) AS note FROM generate_series(1, 20000) AS i"
            )
            connection.execute("CREATE TABLE hits (id int)")
            connection.execute("VACUUM (ANALYZE) users")
        yield found
    finally:
        server.stop()


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("statements") / "mine.yaml"
    file.write_text(MINE)
    return file


@pytest.fixture
def sql(facts: Mapping[str, Any]) -> Iterator[MakeSql]:
    """A loaded workload, as a worker makes it of ``embprof workload=sql OVERRIDES``."""
    made: list[Sql] = []

    def make(*overrides: str) -> Sql:
        composition = compose(["workload=sql", f"workload.rows={ROWS}", *overrides])
        assert composition.problems == []
        config = resolve(composition.jobs[0].config)
        made.append(instantiate({**config["workload"], "service": facts}))
        made[-1].load()
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def ask(facts: Mapping[str, Any]) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Asks the server something."""
    with psycopg.connect(facts["dsn"], autocommit=True) as connection:
        yield lambda query, *values: connection.execute(query, values).fetchall()


def plans(workload: Sql) -> Any:
    """What it leaves when all is measured."""
    document, page = workload.files()
    assert page.read_text()
    return json.loads(document.read_text())


def pages(document: Any) -> int:
    """Pages that its first statement looked at."""
    plan = document["operations"][0]["statements"][0]["plan"]["Plan"]
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


@pytest.fixture(scope="module")
def swept(make_desk: MakeDesk) -> Measured:
    desk = make_desk("sql")
    return desk.measure(
        *("-m", "workload=sql", f"workload.rows={ROWS}", "measurement=throughput,profile"),
        "workload.operation=search,claims_one_by_one",
        *("max_seconds=1", "warmup.max_seconds=1"),
        report=True,
    )


def test_operations_are_measured_with_the_latency_of_each_statement(swept: Measured) -> None:
    assert swept.done.code == 0, swept.done.text
    figures = {one["name"]: one["estimate"] for one in swept.answer(1)["figures"]}
    assert figures["throughput_operations_per_s"]["value"] > 0
    assert figures["latency_p50_ms"]["value"] > 0
    each, first = figures["statement_evidence_of_claim_ms"], figures["statement_claims_ms"]
    together = first["value"] + 20 * each["value"]
    assert together <= 1e3 / figures["throughput_operations_per_s"]["value"]


def test_scans_and_repeats_are_told_at_a_glance(swept: Measured) -> None:
    def glance(job: int) -> tuple[float, float]:
        figures = {one["name"]: one["estimate"] for one in swept.answer(job)["figures"]}
        return figures["seq_scans"]["value"], figures["repeats"]["value"]

    assert glance(0) == (1, 1)
    assert glance(1) == (0, 20)


def test_a_profile_has_the_statements_as_stages(swept: Measured) -> None:
    folder = swept.desk.sweep(swept.sweep_id)
    stages = json.loads((folder / "3" / "stages.json").read_text())["stages"]
    calls = {one["stage"]: one["calls"] for one in stages}
    assert calls == {"begin": 1, "claims": 1, "evidence_of_claim": 20, "rollback": 1, "other": 1}


def test_plans_are_kept_with_every_run(swept: Measured) -> None:
    for job in range(4):
        folder = swept.desk.sweep(swept.sweep_id) / str(job)
        document = json.loads((folder / "plans.json").read_text())
        (operation,) = document["operations"]
        assert operation["operation"] in (folder / "plans.txt").read_text()
        for statement in operation["statements"]:
            assert statement["plan"]["Execution Time"] > 0
    assert {"plans.json", "plans.txt"} <= swept.store.artifacts(swept.children[0])


def test_the_report_advises_the_index_and_one_statement_in_place_of_many(swept: Measured) -> None:
    report = (swept.desk.sweep(swept.sweep_id) / "report" / "PROFILING_REPORT.md").read_text()
    assert "CREATE INDEX ON claims (topic, submitted_at);" in report
    assert "evidence_of_claim is executed 20 times in one operation" in report
    assert "embprof gate workload=sql" in report


def test_the_server_and_the_statements_are_told_with_the_run(swept: Measured) -> None:
    told = swept.answer(0)["description"]
    assert told["server"].startswith("PostgreSQL")
    assert told["work_mem"]
    assert told["writes"] == "roll_back"
    assert len(told["statements_sha256"]) == 64


def test_the_index_that_is_advised_is_taken_and_spares_reading_the_table(sql: MakeSql) -> None:
    search = ("workload.operation=search", "workload.rows=40000")
    before = plans(sql(*search))
    (found,) = indexes.suggestions(before["operations"][0], before["tables"])
    after = plans(sql(*search, f"workload.setup_sql='{found.ddl}'"))
    assert indexes.suggestions(after["operations"][0], after["tables"]) == []
    (statement,) = after["operations"][0]["statements"]
    assert patterns.sequential_scans(statement) == []
    assert pages(after) < 0.3 * pages(before)


def test_the_generated_tables_are_the_same_for_one_seed_and_skewed(
    sql: MakeSql, ask: Callable[..., Any]
) -> None:
    workload = sql("workload.operation=dashboard")
    schema = workload.description()["database_schema"]
    made_by = schemas.generator(ROWS, 0)
    with psycopg.connect(workload.service["dsn"], autocommit=True) as connection:
        schemas.ensure(connection, "again", made_by, [])
    for table in ("claims", "evidence", "verdicts"):
        digest = "SELECT count(*), md5(string_agg(t::text, '' ORDER BY id)) FROM {}.{} AS t"
        assert ask(digest.format(schema, table)) == ask(digest.format("again", table))
    assert ask("SELECT count(*) FROM again.evidence") == [(ROWS,)]
    topics = ask("SELECT count(*) FROM again.claims GROUP BY topic ORDER BY 1 DESC")
    assert len(topics) == 40
    assert topics[0][0] > 5 * topics[-1][0]


def test_a_schema_whose_building_was_cut_off_is_built_again(
    sql: MakeSql, ask: Callable[..., Any], facts: Mapping[str, Any]
) -> None:
    made_by = schemas.generator(50, 7)
    name = schemas.name(facts["schema_prefix"], made_by, [])
    with psycopg.connect(facts["dsn"], autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"')
        connection.execute(f'CREATE TABLE "{name}".claims (nothing int)')
    sql("seed=7", "workload.rows=50")
    assert ask(f'SELECT count(*) FROM "{name}".evidence') == [(50,)]


def test_many_who_need_a_schema_at_once_build_it_once(
    ask: Callable[..., Any], facts: Mapping[str, Any]
) -> None:
    with psycopg.connect(facts["dsn"], autocommit=True) as connection:
        connection.execute("CREATE TABLE built (id serial)")
    setup = ["INSERT INTO public.built DEFAULT VALUES"]

    def build(_: int) -> None:
        with psycopg.connect(facts["dsn"], autocommit=True) as connection:
            schemas.ensure(connection, "one", schemas.generator(500, 0), setup)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(build, range(4)))
    assert ask("SELECT count(*) FROM built") == [(1,)]


def test_setup_that_the_server_refuses_is_told_in_its_words(sql: MakeSql) -> None:
    with pytest.raises(RequestError, match=r'setup_sql: CREATE INDEX .* relation "x" does'):
        sql("workload.setup_sql='CREATE INDEX ON x (y)'")


def test_what_operations_write_is_rolled_back(sql: MakeSql, ask: Callable[..., Any]) -> None:
    workload = sql("workload.operation=insert_verdict")
    count = f"SELECT count(*) FROM {workload.description()['database_schema']}.verdicts"
    before = ask(count)
    for _ in range(20):
        assert workload.step() == 1
    plans(workload)
    assert ask(count) == before


def test_what_is_committed_lies_in_a_schema_of_its_own_that_goes_with_the_worker(
    sql: MakeSql, ask: Callable[..., Any]
) -> None:
    workload = sql("workload.operation=insert_verdict", "workload.writes=commit")
    schema = workload.description()["database_schema"]
    before = ask(f"SELECT count(*) FROM {schema}.verdicts")[0][0]
    for _ in range(5):
        workload.step()
    assert ask(f"SELECT count(*) FROM {schema}.verdicts")[0][0] == before + 5
    workload.close()
    assert ask("SELECT count(*) FROM pg_namespace WHERE nspname = %s", schema) == [(0,)]


@pytest.fixture
def theirs(sql: MakeSql, mine: Path) -> MakeSql:
    """Statements against the tables of the user."""

    def make(operation: str, *overrides: str) -> Sql:
        return sql(
            *("workload.schema=none", f"workload.statements={mine}"),
            *(f"workload.operation={operation}", *overrides),
        )

    return make


def test_a_database_of_the_user_is_asked_and_nothing_is_made_in_it(
    theirs: MakeSql, ask: Callable[..., Any]
) -> None:
    schemas_before = ask("SELECT nspname FROM pg_namespace ORDER BY 1")
    workload = theirs("by_email")
    workload.step()
    document = plans(workload)
    (found,) = indexes.suggestions(document["operations"][0], document["tables"])
    assert found.ddl == "CREATE INDEX ON users (lower(email))"
    assert ask("SELECT nspname FROM pg_namespace ORDER BY 1") == schemas_before


def test_a_database_of_the_user_is_not_written_to(
    theirs: MakeSql, ask: Callable[..., Any], mine: Path
) -> None:
    said = f"statements={mine}: operation write, statement write .*read-only transaction"
    with pytest.raises(RequestError, match=said):
        theirs("write")
    theirs("write", "workload.writes=roll_back").step()
    assert ask("SELECT count(*) FROM hits") == [(0,)]


def test_a_statement_that_takes_too_long_is_ended_and_the_next_call_is_made(
    theirs: MakeSql,
) -> None:
    workload = theirs("slow", "workload.statement_timeout_ms=1000")
    assert workload.step() == 1
    with pytest.raises(CallFailedError, match="statement timeout") as error:
        workload.step()
    assert error.value.kind == "timeout"
    assert workload.step() == 1


def test_a_sort_that_goes_to_disk_fits_into_the_work_mem_that_is_advised(theirs: MakeSql) -> None:
    from embprof.workloads.sql.findings.disk_sorts import work_mem_mb

    (statement,) = plans(theirs("sorted", "workload.settings.work_mem=1MB"))["operations"][0][
        "statements"
    ]
    (spill,) = patterns.spills(statement)
    setting = f"workload.settings.work_mem={work_mem_mb(spill.bytes)}MB"
    (statement,) = plans(theirs("sorted", setting))["operations"][0]["statements"]
    assert patterns.spills(statement) == []


def test_callers_on_many_threads_have_a_connection_each(sql: MakeSql) -> None:
    workload = sql()
    errors: list[BaseException] = []

    def call() -> None:
        try:
            for _ in range(20):
                workload.step()
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(workload._sessions) == 6


def test_the_cpu_time_of_the_server_is_told(sql: MakeSql) -> None:
    workload = sql("workload.operation=dashboard")
    before = workload.server_cpu_seconds()
    for _ in range(100):
        workload.step()
    assert workload.server_cpu_seconds() > before


def test_prepared_statements_outlast_a_rollback(sql: MakeSql) -> None:
    def prepared(*overrides: str) -> int:
        workload = sql("workload.operation=insert_verdict", *overrides)
        for _ in range(20):
            workload.step()
        query = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'INSERT%'"
        row = workload._session().connection.execute(query, prepare=False).fetchone()
        assert row is not None
        return int(row[0])

    assert prepared() > 0
    assert prepared("workload.prepared=false") == 0


def test_the_prepared_statement_itself_is_explained_generic_plan_or_not(sql: MakeSql) -> None:
    def generic(mode: str) -> bool:
        workload = sql(
            "workload.operation=insert_verdict", f"workload.settings.plan_cache_mode={mode}"
        )
        statements = plans(workload)["operations"][0]["statements"]
        return all(one["generic"] for one in statements)

    assert generic("force_generic_plan")
    assert not generic("force_custom_plan")


def test_the_arms_of_a_gate_have_a_schema_each(make_desk: MakeDesk) -> None:
    desk = make_desk("sql-gate")
    (desk.path / "index.sql").write_text("-- One.\nCREATE INDEX ON claims (topic, submitted_at);\n")
    gate = desk.run(
        *("gate", "workload=sql", "workload.operation=search", f"workload.rows={ROWS}"),
        *("slice_seconds=0.05", "--seconds", "2", "--b", "workload.setup_sql=index.sql"),
    )
    assert gate.code in (0, 4), gate.text
    folder = desk.sweep(gate.sweep_id)
    scans = [
        patterns.sequential_scans(statement)
        for arm in (0, 1)
        for operation in json.loads((folder / str(arm) / "plans.json").read_text())["operations"]
        for statement in operation["statements"]
    ]
    assert [bool(found) for found in scans] == [True, False]
    a, b = (desk.answer(gate.sweep_id, arm)["description"] for arm in (0, 1))
    assert a["database_schema"] != b["database_schema"]

"""``workload=vector_search`` on the embedded server: kinds of index, and every measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

pytestmark = pytest.mark.postgres

SMALL = (
    "workload=vector_search",
    "workload.recall_queries=50",
    "warmup.iterations=2",
    "warmup.seconds=0",
    "warmup.max_seconds=0.5",
    "report=false",
)
MADE_UP = (*SMALL, "workload.vectors=synthetic", "workload.corpus_size=600", "workload.lists=10")
EXACT, ONE_PROBE, ALL_PROBES = 0, 2, 3
TEXTS, QUESTIONS = 40, 25
MODEL_IN_MEMORY = 200
"""Megabytes that torch alone takes, and a client of a database is far from."""


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk) -> Desk:
    """Texts that are no words are embedded as well as any."""
    made = make_desk("vector-search")
    made.environment["EMBPROF_CACHE_DIR"] = str(made.path / "cache")
    for name, count in (("docs", TEXTS), ("asked", QUESTIONS)):
        lines = (f"{name} {number} {number**3}\n" for number in range(count))
        (made.path / f"{name}.txt").write_text("".join(lines))
    file = {"_target_": "embprof.corpora.file.File", "column": "text"}
    own = {
        "defaults": [{"override /workload": "vector_search"}],
        "workload": {
            "corpus": {**file, "path": "docs.txt"},
            "queries": {**file, "path": "asked.txt"},
            "corpus_size": None,
            "recall_queries": 20,
            "k": 3,
        },
    }
    (made.path / "experiments").mkdir()
    content = f"# @package _global_\n{yaml.safe_dump(own, sort_keys=False)}"
    (made.path / "experiments" / "mine.yaml").write_text(content)
    return made


@pytest.fixture(scope="module")
def kinds(desk: Desk) -> Measured:
    """An exact search, twice, and two searches of one ivfflat index."""
    measured = desk.measure(
        *("-m", *MADE_UP, "workload.index=exact,ivfflat", "workload.probes=1,10", "iterations=40")
    )
    assert measured.done.code == 0, measured.done.text
    return measured


@pytest.fixture(scope="module")
def own(desk: Desk) -> Measured:
    """Own texts, without an index and with one."""
    few = [word for word in SMALL if "recall" not in word]
    words = ("experiment=mine", *few, "measurement=memory", "iterations=20")
    measured = desk.measure("-m", *words, "workload.index=exact,hnsw")
    assert measured.done.code == 0, measured.done.text
    return measured


def described(measured: Measured, job: int) -> dict[str, Any]:
    found: dict[str, Any] = measured.answer(job)["description"]
    return found


def value(measured: Measured, job: int, name: str) -> float:
    figures = {one["name"]: one for one in measured.answer(job)["figures"]}
    return float(figures[name]["estimate"]["value"])


def log(measured: Measured, job: int) -> str:
    """What the job's worker printed; there is no file where it printed nothing."""
    file = measured.desk.sweep(measured.sweep_id) / str(job) / "worker.log"
    return file.read_text() if file.is_file() else ""


def test_recall_is_whole_without_an_index_and_with_all_probes(kinds: Measured) -> None:
    for name in ("recall_at_1", "recall_at_10"):
        assert value(kinds, EXACT, name) == 1.0
        assert value(kinds, ALL_PROBES, name) == 1.0
        assert value(kinds, ONE_PROBE, name) < 0.95


def test_recall_has_an_interval_by_queries_and_the_table_shows_it(kinds: Measured) -> None:
    figures = {one["name"]: one for one in kinds.answer(2)["figures"]}
    estimate = figures["recall_at_10"]["estimate"]
    assert estimate["low"] < estimate["value"] < estimate["high"]
    assert estimate["basis"] == "50 queries"
    assert "recall@1" in kinds.done.out


def test_an_index_is_made_once_for_all_ways_to_search_it(kinds: Measured) -> None:
    assert "CREATE INDEX" in log(kinds, ONE_PROBE)
    assert log(kinds, ALL_PROBES) == ""
    assert described(kinds, ONE_PROBE)["index_made"].startswith("by this job")
    assert described(kinds, ALL_PROBES)["index_made"].startswith("before")
    for name in ("build_time_s", "rebuild_time_s", "index_size_mb"):
        assert value(kinds, ONE_PROBE, name) == value(kinds, ALL_PROBES, name) > 0
    assert "build_time_s" not in {one["name"] for one in kinds.answer(EXACT)["figures"]}


def test_a_run_tells_the_server_the_statements_and_the_plan(kinds: Measured) -> None:
    facts = described(kinds, ONE_PROBE)
    assert facts["server"].startswith("PostgreSQL")
    assert facts["rows"] == 600
    assert facts["dimensions"] == 384
    assert facts["index_ddl"] == (
        "CREATE INDEX passages_embedding ON passages USING ivfflat (embedding vector_cosine_ops) "
        "WITH (lists = 10)"
    )
    assert facts["search_settings"] == "SET ivfflat.probes = 1"
    assert facts["plan"] == "Limit > Index Scan"
    assert "Seq Scan" in described(kinds, EXACT)["plan"]


def test_the_report_advises_on_the_index(kinds: Measured) -> None:
    done = kinds.desk.run("report", kinds.sweep_id, "-o", "report")
    assert done.code == 0, done.text
    report = (kinds.desk.path / "report" / "PROFILING_REPORT.md").read_text()
    assert "Among 600 vectors" in report
    assert "encode()" not in report
    assert (kinds.desk.path / "report" / "pictures" / "recall_and_throughput.svg").is_file()


def test_own_texts_are_embedded_once_and_then_kept(own: Measured) -> None:
    for job in (0, 1):
        assert described(own, job)["rows"] == TEXTS
        assert value(own, job, "recall_at_1") == 1.0
        assert value(own, job, "recall_at_k") == 1.0
    assert f"0 of {TEXTS} texts are embedded" in log(own, 0)
    assert f"0 of {QUESTIONS} texts are embedded" in log(own, 0)
    assert "CREATE INDEX" in log(own, 1)
    assert "embedded" not in log(own, 1)


def test_the_process_that_searches_holds_no_model(own: Measured) -> None:
    assert value(own, 0, "peak_rss_mb") < MODEL_IN_MEMORY


def test_where_the_time_of_a_start_and_of_a_call_goes_is_told(desk: Desk) -> None:
    named = ("measurement=load_time,profile", "restarts=1")
    measured = desk.measure("-m", *MADE_UP, *named, "iterations=4", "workload.index=exact")
    assert measured.done.code == 0, measured.done.text
    assert described(measured, 0)["imports"] == "psycopg pgvector.psycopg"
    assert value(measured, 0, "total_load_s") > 0
    shares = [value(measured, 1, f"stage_{name}_percent") for name in ("server", "decode_rows")]
    assert shares[0] > shares[1] > 0


def test_parameters_that_make_no_sense_are_told_at_once(desk: Desk) -> None:
    done = desk.run(*SMALL, "workload.ef_search=5", "workload.lists=0")
    assert done.code == 2
    assert "workload.lists=0: must be at least 1" in done.text

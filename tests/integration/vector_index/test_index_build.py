"""Tables and indexes in a real server: once for each content, whole, and as they are asked for."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from psycopg import Connection, sql

from embprof.errors import CallFailedError, ServiceError
from embprof.sampling.failed_start import Failed
from embprof.workloads.vector_search.index import index, index_build, registry
from embprof.workloads.vector_search.index.build_process import look_elsewhere, make_elsewhere
from embprof.workloads.vector_search.index.connection import connect
from embprof.workloads.vector_search.index.recipe import Recipe
from embprof.workloads.vector_search.index.searcher import Searcher
from embprof.workloads.vector_search.vectors import exact
from embprof.workloads.vector_search.vectors.synthetic import Synthetic

pytestmark = pytest.mark.postgres

ROWS = 300
EXACT = index.index_of("exact", "cosine", {})
IVFFLAT = index.index_of("ivfflat", "cosine", {"lists": 5, "probes": 1, "iterative_scan": None})
PATIENCE = 20.0
PROGRAM = """
import sys
from slow_source import Slow
from embprof.workloads.vector_search.index import index
from embprof.workloads.vector_search.index.build_process import make_elsewhere
from embprof.workloads.vector_search.index.recipe import Recipe
make_elsewhere(Recipe(source=Slow(), index=index.index_of("exact", "cosine", {}), seed=0, service={
    "dsn": "", "name": "none", "schema_prefix": "none"}))
"""
SLOW = """
import os, time
from pathlib import Path

class Slow:
    def identity(self):
        return "slow"

    def make(self, say):
        Path("pid.part").write_text(str(os.getpid()))
        Path("pid.part").rename("pid")
        time.sleep(600)
"""


def recipe(service: Mapping[str, Any], kind: index.Index = IVFFLAT, seed: int = 0) -> Recipe:
    source = Synthetic(corpus_size=ROWS, dimensions=16, spread=0.5, seed=seed)
    return Recipe(source=source, index=kind, seed=seed, service=service)


@contextlib.contextmanager
def searcher(made: Recipe, **asked: Any) -> Iterator[Searcher]:
    asked = {"k": 10, "selectivity": 1.0, **asked}
    found = Searcher(made.service, made.schema(), made.index, **asked)
    with contextlib.closing(found):
        yield found


@contextlib.contextmanager
def connected(made: Recipe) -> Iterator[Connection[Any]]:
    with contextlib.closing(connect(made.service, made.schema())) as connection:
        yield connection


def test_many_at_once_make_one_index(service: Mapping[str, Any]) -> None:
    made = recipe(service, seed=1)
    said: list[str] = []
    assert look_elsewhere(made.service, made.schema()) is None
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: index_build.make(made, said.append), range(4)))
    assert said.count(str(IVFFLAT.ddl)) == 1
    found = look_elsewhere(made.service, made.schema())
    assert found is not None
    assert found.rows == ROWS
    assert found.build_s is not None
    assert found.build_s > 0


def test_what_a_killed_build_has_left_is_made_anew(service: Mapping[str, Any]) -> None:
    made = recipe(service, seed=2)
    with connected(made) as connection:
        name = sql.Identifier(made.schema())
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
        connection.execute("CREATE TABLE passages (half text)")
        assert registry.read(connection, made.schema()) is None
    index_build.make(made, print)
    with searcher(made) as asked:
        assert len(asked.rows(made.source.sample(1, print)[0])) == 10


def test_what_is_searched_is_what_was_given(service: Mapping[str, Any]) -> None:
    made = recipe(service, EXACT, seed=3)
    index_build.make(made, print)
    corpus, queries = made.source.corpus(print), made.source.sample(20, print)
    truth = exact.search(corpus, queries, 10)
    with searcher(made) as asked:
        rows = [asked.rows(query) for query in queries]
    assert truth.recall([[number for number, _, _ in found] for found in rows], 10) == [1.0] * 20
    distances = [[1 - distance for _, _, distance in found] for found in rows]
    assert distances == [pytest.approx(list(one), abs=1e-5) for one in truth.similarities]


@pytest.mark.parametrize("distance", ["cosine", "inner_product", "l2"])
def test_every_distance_has_an_index_that_is_used(
    service: Mapping[str, Any], distance: index.Distance
) -> None:
    kind = index.index_of(
        "hnsw", distance, {"m": 4, "ef_construction": 20, "ef_search": 60, "iterative_scan": None}
    )
    made = recipe(service, kind, seed=4)
    index_build.make(made, print)
    queries = made.source.sample(20, print)
    truth = exact.search(made.source.corpus(print), queries, 10)
    with searcher(made) as asked:
        used, _ = asked.settle(queries[0])
        found = [[number for number, _, _ in asked.rows(query)] for query in queries]
    assert used.text == "Limit > Index Scan"
    assert sum(truth.recall(found, 10)) / 20 > 0.9


def test_a_filter_lets_the_rows_through_that_it_should(service: Mapping[str, Any]) -> None:
    made = recipe(service, EXACT, seed=5)
    index_build.make(made, print)
    allowed = set((made.categories(ROWS) < 0.2).nonzero()[0].tolist())
    with searcher(made, k=1000, selectivity=0.2) as asked:
        rows = asked.rows(made.source.sample(1, print)[0])
    assert {number for number, _, _ in rows} == allowed


def test_an_iterative_scan_finds_the_rows_that_a_filter_took_away(
    service: Mapping[str, Any],
) -> None:
    counts = []
    scans: tuple[index.Iterative | None, ...] = (None, "relaxed_order")
    for iterative in scans:
        parameters = {"m": 4, "ef_construction": 20, "ef_search": 10, "iterative_scan": iterative}
        kind = index.index_of("hnsw", "cosine", parameters)
        made = recipe(service, kind, seed=6)
        index_build.make(made, print)
        with searcher(made, selectivity=0.1) as asked:
            asked.settle(made.source.sample(1, print)[0])
            counts.append(len(asked.rows(made.source.sample(1, print)[0])))
    assert counts[0] < counts[1] == 10


def test_calls_at_once_have_connections_of_their_own(service: Mapping[str, Any]) -> None:
    made = recipe(service, EXACT, seed=9)
    index_build.make(made, print)
    queries = made.source.sample(40, print)
    with searcher(made) as asked:
        alone = [asked.rows(query) for query in queries]
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(asked.rows, queries)) == alone
        assert 1 <= len(asked._every) <= 8


def test_a_query_that_takes_too_long_fails_alone(service: Mapping[str, Any]) -> None:
    made = recipe(service, EXACT, seed=10)
    index_build.make(made, print)
    query = made.source.sample(1, print)[0]
    with searcher(made) as asked:
        expected = asked.rows(query)
        (cursor,) = asked._every
        with connected(made) as blocking, blocking.transaction():
            blocking.execute("LOCK TABLE passages")
            cursor.connection.execute("SET statement_timeout = '50ms'")
            with pytest.raises(CallFailedError) as caught:
                asked.rows(query)
        assert caught.value.kind == "timeout"
        assert asked.rows(query) == expected


def test_an_index_that_is_gone_is_no_search_by_index(service: Mapping[str, Any]) -> None:
    made = recipe(service, seed=7)
    index_build.make(made, print)
    with connected(made) as connection:
        connection.execute("DROP INDEX passages_embedding")
    with (
        searcher(made) as asked,
        pytest.raises(ServiceError, match="does not use the index"),
    ):
        asked.settle(made.source.sample(1, print)[0])


def test_a_server_that_is_not_there_is_told() -> None:
    nobody = {"dsn": "postgresql://x@127.0.0.1:1/x", "name": "yours", "schema_prefix": "e"}
    with pytest.raises(ServiceError, match="yours does not answer"):
        connect(nobody, "e")


def test_another_process_makes_it_too(service: Mapping[str, Any]) -> None:
    made = recipe(service, seed=8)
    make_elsewhere(made)
    found = look_elsewhere(made.service, made.schema())
    assert found is not None
    assert found.by.endswith(f":{os.getpid()}")


def test_what_goes_wrong_in_the_other_process_is_raised_here() -> None:
    nobody = {"dsn": "postgresql://x@127.0.0.1:1/x", "name": "yours", "schema_prefix": "e"}
    with pytest.raises(Failed, match="yours does not answer") as caught:
        make_elsewhere(recipe(nobody))
    assert type(caught.value).__name__ == "ServiceError"


def test_the_other_process_ends_with_the_one_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "slow_source.py").write_text(SLOW)
    parent = subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=tmp_path)
    try:
        _wait_for((tmp_path / "pid").exists)
        child = psutil.Process(int((tmp_path / "pid").read_text()))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        _wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    finally:
        parent.kill()
        parent.wait()


def _wait_for(happened: Any) -> None:
    patience = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < patience
        time.sleep(0.05)

"""A tracking server that is down costs no result: ``embprof sync`` logs each run once, later."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, Done, MakeDesk, Store

CLOSED = "http://127.0.0.1:9"
"""Port 9 (discard) is served nowhere any more."""
PROTOCOL = (
    *("iterations=10", "slice_seconds=0.05", "warmup.iterations=0", "warmup.seconds=0"),
    "report=false",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A sweep that was run while the server was down, and what was answered by sync."""

    desk: Desk
    done: Done
    waiting: list[str]
    too_early: Done

    @property
    def sweep_id(self) -> str:
        return self.done.sweep_id


@pytest.fixture(scope="module")
def missed(make_desk: MakeDesk) -> Missed:
    desk = make_desk("dead-server")
    desk.environment["MLFLOW_TRACKING_URI"] = CLOSED
    done = desk.run("-m", "workload=nap", "batch_size=1,2", *PROTOCOL)
    waiting = [file.name for file in desk.mlruns.glob("outbox/*")]
    return Missed(desk=desk, done=done, waiting=waiting, too_early=desk.run("sync"))


@pytest.fixture(scope="module")
def server(make_desk: MakeDesk, open_store: type[Store]) -> Iterator[Store]:
    """A real tracking server, of one process and on a port of its own."""
    desk = make_desk("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    del desk.environment["MLFLOW_TRACKING_URI"]
    started = desk.launch(
        *(sys.executable, "-m", "mlflow", "server", "--workers", "1"),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--backend-store-uri", f"sqlite:///{desk.path}/mlflow.db"),
        *("--artifacts-destination", str(desk.path / "artifacts")),
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false",
    )
    uri = f"http://127.0.0.1:{port}"
    started.wait_for(lambda: _answers(f"{uri}/health"), "the server answers")
    yield open_store(uri)
    started.end()


@pytest.fixture(scope="module")
def synced(missed: Missed, server: Store) -> Done:
    """Sync, once the server is back."""
    return missed.desk.run("sync", MLFLOW_TRACKING_URI=server.uri)


def test_a_sweep_whose_server_is_down_succeeds_all_the_same(missed: Missed) -> None:
    assert missed.done.code == 0
    assert "Traceback" not in missed.done.text
    assert [missed.desk.answer(missed.sweep_id, job)["status"] for job in (0, 1)] == ["ok", "ok"]
    assert "naps/s" in missed.done.row(0) or float(missed.done.row(0).split()[2]) > 0


def test_a_sweep_whose_server_is_down_says_so_once_and_how_to_log_it_later(
    missed: Missed,
) -> None:
    assert missed.done.text.count(f"MLflow at {CLOSED} cannot be reached") == 1
    assert missed.done.text.count("log them later with: embprof sync") == 1
    *before, last = missed.done.out.splitlines()
    assert last.startswith(f"runs: mlruns/sweeps/{missed.sweep_id} ")
    assert re.search(r" not in MLflow yet: (\S+ -m )?embprof sync$", last)
    assert "not in MLflow" not in "".join(before)
    assert "look: " not in missed.done.text, "there is nothing to look at"
    assert missed.done.width <= 100


def test_a_sweep_whose_server_is_down_waits_in_the_outbox(missed: Missed) -> None:
    assert missed.waiting == [f"{missed.sweep_id}.json"]


def test_sync_fails_while_the_server_is_still_down(missed: Missed) -> None:
    assert missed.too_early.code == 1
    assert missed.sweep_id in missed.too_early.text
    assert "Traceback" not in missed.too_early.text


def test_sync_logs_every_run_that_the_server_missed(
    missed: Missed, server: Store, synced: Done
) -> None:
    assert synced.code == 0, synced.text
    assert f"sweep {missed.sweep_id}: 2 runs logged" in synced.text
    parent, children = server.parent(missed.sweep_id), server.children(missed.sweep_id)
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["embprof.status"] == "ok"
    assert "naps/s" in parent.data.tags["mlflow.note.content"]
    assert [run.info.status for run in children] == ["FINISHED", "FINISHED"]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}


@pytest.mark.usefixtures("synced")
def test_a_run_logged_later_is_as_complete_as_one_logged_at_once(
    missed: Missed, server: Store
) -> None:
    for job, run in enumerate(server.children(missed.sweep_id)):
        answer = missed.desk.answer(missed.sweep_id, job)
        assert run.data.params["batch_size"] == str(job + 1)
        (throughput,) = (
            figure["estimate"]["value"]
            for figure in answer["figures"]
            if figure["name"] == "throughput_naps_per_s"
        )
        assert run.data.metrics["throughput_naps_per_s"] == pytest.approx(throughput)
        assert server.artifacts(run) >= {"run.json", "samples.jsonl", "environment.json"}
        assert run.data.tags["embprof.key"] == answer["key"]


@pytest.mark.usefixtures("synced")
def test_a_second_sync_logs_nothing(missed: Missed, server: Store) -> None:
    again = missed.desk.run("sync", MLFLOW_TRACKING_URI=server.uri)
    assert again.code == 0
    assert "nothing to log" in again.text
    assert len(server.children(missed.sweep_id)) == 2


@pytest.mark.usefixtures("synced")
def test_a_sync_that_was_cut_off_does_not_log_a_run_twice(missed: Missed, server: Store) -> None:
    before = {run.info.run_id for run in server.children(missed.sweep_id)}
    # As if the process had died between logging run 1 and noting that it had.
    (missed.desk.sweep(missed.sweep_id) / "1" / "mlflow.json").unlink()
    (missed.desk.mlruns / "outbox" / f"{missed.sweep_id}.json").write_text(json.dumps({}))
    done = missed.desk.run("sync", MLFLOW_TRACKING_URI=server.uri)
    assert done.code == 0
    assert {run.info.run_id for run in server.children(missed.sweep_id)} == before
    assert len(server.parents(missed.sweep_id)) == 1


def test_ui_of_a_tracking_server_names_its_address(missed: Missed) -> None:
    done = missed.desk.run("ui")
    assert done.code == 0
    assert CLOSED in done.text


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("mysql+pymysql://ann:pw@127.0.0.1:9/x", "the package pymysql is missing: pip install"),
        ("nonsense://x", "no store for nonsense is installed: correct MLFLOW_TRACKING_URI"),
        ("sqlite:///{desk}/conf", "unable to open database file; correct MLFLOW_TRACKING_URI"),
        ("sqlite:///{desk}/newer.db", "written by a newer MLflow than the one installed here"),
        ("postgresql://ann:pw@127.0.0.1:{silent}/x", "cannot be reached (no answer in 5 s)"),
    ],
)
def test_nothing_that_tracking_lacks_costs_a_measurement(
    desk: Desk, silent: int, uri: str, told: str
) -> None:
    with contextlib.closing(sqlite3.connect(desk.path / "newer.db")) as newer:
        newer.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        newer.execute("INSERT INTO alembic_version VALUES ('ffffffffffff')")
        newer.commit()
    uri = uri.format(desk=desk.path, silent=silent)
    began = time.perf_counter()
    done = desk.run("-m", "workload=nap", "batch_size=1,2", *PROTOCOL, MLFLOW_TRACKING_URI=uri)
    assert time.perf_counter() - began < 90, "MLflow's own patience is 102 s"
    assert done.code == 0, done.text
    assert done.text.count(told) == 1
    assert [desk.answer(done.sweep_id, job)["status"] for job in (0, 1)] == ["ok", "ok"]
    assert float(done.row(1).split()[2]) > 0
    others = [desk.run("sync", MLFLOW_TRACKING_URI=uri), desk.run("ui", MLFLOW_TRACKING_URI=uri)]
    for other in others:
        assert other.code == 1
        assert other.text.count(told) == 1
    for one in (done, *others):
        assert "Traceback" not in one.text
        assert "pw@" not in one.text
    assert (desk.mlruns / "outbox" / f"{done.sweep_id}.json").is_file()
    assert f"sweep {done.sweep_id}: 2 runs logged" in desk.run("sync").text

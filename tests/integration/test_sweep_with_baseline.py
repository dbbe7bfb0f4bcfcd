"""A sweep beside a stored baseline: table, files and MLflow say how each job compares."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow.entities import Run

    from tests.integration.conftest import Desk, Done, MakeDesk, Measured, Store

CLOSED = "http://127.0.0.1:9"
"""Port 9 (discard) is served nowhere any more."""
MODULE = '''
import os

from embprof.testing import Sleep


class Service(Sleep):
    """Takes as long as the machine it stands on is slow."""

    def step(self):
        self.seconds = 0.01 * float(os.environ.get("SLOWER", "1"))
        return super().step()
'''
FAILS = """
    def load(self):
        if self.batch_size == 2:
            raise RuntimeError("on purpose")
"""
UNDISTURBED = """
from embprof.environment import validity

validity.stamps = lambda *_, **__: []
"""
"""What others do on this machine meanwhile is no part of these tests: it would void verdicts."""
SWEEP = ("-m", "workload=service", "batch_size=1,2")
PROTOCOL = (
    *("iterations=20", "slice_seconds=0.05", "warmup.iterations=0", "warmup.seconds=0"),
    "report=false",
)
METRICS = {
    *("baseline_a", "baseline_b"),
    *("baseline_ratio", "baseline_ratio_low", "baseline_ratio_high"),
}
DETECTABLE = "baseline_smallest_detectable_change"
FIGURES = {"speed": 5000.0}
MAPPING = """\
entries:
  - match: {batch_size: 1}
    figures: {throughput_naps_per_s: speed}
"""


def service(make_desk: MakeDesk, name: str) -> Desk:
    """A folder with a service that can be made slower without a change of the question."""
    desk = make_desk(name)
    (desk.path / "service.py").write_text(MODULE)
    (desk.path / "site").mkdir()
    (desk.path / "site" / "sitecustomize.py").write_text(UNDISTURBED)
    desk.site = desk.path / "site"
    desk.option("workload", "service", target="service.Service", batch_size="${batch_size}")
    return desk


def comparison(desk: Desk, sweep_id: str, job: int | str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (desk.sweep(sweep_id) / str(job) / "comparison.json").read_text()
    )
    return found


def compared(run: Run) -> set[str]:
    """Metrics of a comparison that a run has."""
    return {name for name in run.data.metrics if name.startswith("baseline_")}


def times_logged(store: Store, run: Run, metric: str) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with store._client() as client:
            return len(client.get_metric_history(run.info.run_id, metric))


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Sweeps beside a baseline that grew from one session to three."""

    desk: Desk
    first: Measured
    one_session: Measured
    slower: Measured


@pytest.fixture(scope="module")
def history(make_desk: MakeDesk) -> History:
    desk = service(make_desk, "history")

    def session() -> Measured:
        measured = desk.measure(*SWEEP, *PROTOCOL)
        assert measured.done.code == 0, measured.done.text
        assert desk.run("baseline", "set", measured.sweep_id).code == 0
        return measured

    first = session()
    one_session = session()
    session()
    slower = desk.measure(*SWEEP, *PROTOCOL, SLOWER="8")
    return History(desk=desk, first=first, one_session=one_session, slower=slower)


def test_without_a_baseline_nothing_is_said_of_one(history: History) -> None:
    first = history.first
    assert "verdict" not in first.done.out
    assert not list(history.desk.sweep(first.sweep_id).glob("*/comparison.json"))
    assert all(compared(run) == set() for run in (first.parent, *first.children))
    assert "embprof.verdict" not in first.parent.data.tags


def test_one_stored_session_supports_no_verdict_and_says_what_would(history: History) -> None:
    done = history.one_session.done
    assert done.code == 0
    for job in (0, 1):
        found = comparison(history.desk, done.sweep_id, job)
        assert found["verdict"] == "unclear", found
        assert found["low"] < found["ratio"] < found["high"]
        assert "1 stored session, session noise taken as" in found["basis"]
        assert done.row(job).split()[-1] == "unclear"
    assert "embprof gate" in done.text


def test_three_sessions_tell_a_service_that_became_slower(history: History) -> None:
    done = history.slower.done
    assert done.code == 0, "to fail is for the gate"
    for job in (0, 1):
        found = comparison(history.desk, done.sweep_id, job)
        assert found["verdict"] == "slower", found
        assert found["ratio"] > 2
        assert found["rows"] == 2
        assert "the spread of 3 stored sessions" in found["basis"]
        assert found["a"].startswith("main ")


def test_the_table_says_how_each_job_compares_within_100_columns(history: History) -> None:
    for measured in (history.one_session, history.slower):
        out = measured.done.out
        (heading,) = (line for line in out.splitlines() if line.lstrip().startswith("#  "))
        assert heading.split()[-2:] == ["verdict", "marks"]
        table = [heading, *(measured.done.row(job) for job in (0, 1))]
        assert max(map(len, table)) <= 100
    assert "slower" in history.slower.done.row(0).split()
    assert "against main; noise: the spread of 3 stored sessions" in history.slower.done.text


def test_mlflow_has_the_ratio_and_the_verdict_of_each_job(history: History) -> None:
    for measured in (history.one_session, history.slower):
        for job, run in enumerate(measured.children):
            found = comparison(history.desk, measured.sweep_id, job)
            metrics, tags = run.data.metrics, run.data.tags
            assert compared(run) == METRICS | {DETECTABLE}
            assert metrics["baseline_ratio"] == pytest.approx(found["ratio"])
            assert metrics["baseline_ratio_low"] == pytest.approx(found["low"])
            assert metrics["baseline_ratio_high"] == pytest.approx(found["high"])
            assert metrics[DETECTABLE] == pytest.approx(found["smallest_detectable"])
            assert tags["embprof.verdict"] == found["verdict"]
            assert tags["embprof.compared_with"] == found["a"]
            assert times_logged(measured.store, run, "baseline_ratio") == 1


def test_the_parent_says_the_worst_of_its_rows_and_shows_them(history: History) -> None:
    for measured, verdict in ((history.one_session, "unclear"), (history.slower, "slower")):
        tags = measured.parent.data.tags
        assert tags["embprof.verdict"] == verdict
        note = tags["mlflow.note.content"].replace(" &nbsp;", "")
        assert "| change | 95 % interval | detects | verdict | marks |" in note
        assert note.count(f"| {verdict} |") == 2


def test_another_environment_is_incomparable_and_says_in_what(history: History) -> None:
    other = history.desk.measure(*SWEEP, *PROTOCOL, OMP_WAIT_POLICY="PASSIVE")
    assert other.done.code == 0
    for job, run in enumerate(other.children):
        found = comparison(history.desk, other.sweep_id, job)
        assert found["verdict"] == run.data.tags["embprof.verdict"] == "incomparable"
        assert "wait_policy" in found["reason"]
        assert run.data.tags["embprof.verdict_reason"] == found["reason"]
        assert compared(run) <= {"baseline_a", "baseline_b", "baseline_ratio"}
    assert other.parent.data.tags["embprof.verdict"] == "incomparable"
    assert "wait_policy" in other.done.text


def test_a_question_that_the_baseline_does_not_know_stands_alone(history: History) -> None:
    mixed = history.desk.measure("-m", "workload=service", "batch_size=2,3", *PROTOCOL)
    assert comparison(history.desk, mixed.sweep_id, 0)["rows"] == 1
    assert not (history.desk.sweep(mixed.sweep_id) / "1" / "comparison.json").exists()
    assert "embprof.verdict" not in mixed.children[1].data.tags


def test_baseline_null_compares_with_none(history: History) -> None:
    alone = history.desk.measure("workload=service", "batch_size=1", *PROTOCOL, "baseline=null")
    assert alone.done.code == 0
    assert "verdict" not in alone.done.out
    assert compared(alone.children[0]) == set()
    key = "embprof.key"
    assert alone.children[0].data.tags[key] == history.first.children[0].data.tags[key], (
        "with what it is compared is no part of the question"
    )


def test_an_unknown_baseline_is_a_wrong_request_before_anything_is_measured(
    history: History,
) -> None:
    before = set(history.desk.mlruns.glob("sweeps/*"))
    done = history.desk.run("workload=service", *PROTOCOL, "baseline=mian")
    assert done.code == 2
    assert "mian: there is no such baseline; there are main" in done.text
    assert "Traceback" not in done.text
    assert set(history.desk.mlruns.glob("sweeps/*")) == before


def test_figures_of_others_are_shown_and_never_judged(history: History) -> None:
    desk = history.desk
    (desk.path / "figures.json").write_text(json.dumps(FIGURES))
    (desk.path / "mapping.yaml").write_text(MAPPING)
    words = ("figures.json", "--mapping", "mapping.yaml", "--name", "theirs")
    assert desk.run("baseline", "import", *words).code == 0
    beside = desk.measure(*SWEEP, *PROTOCOL, "baseline=theirs")
    found = comparison(desk, beside.sweep_id, 0)
    assert found["verdict"] == "incomparable"
    assert found["ratio"] > 1
    assert found["low"] is found["p_value"] is None
    assert beside.children[0].data.metrics["baseline_ratio"] == pytest.approx(found["ratio"])
    assert not (desk.sweep(beside.sweep_id) / "1" / "comparison.json").exists()


def test_a_damaged_baseline_is_a_wrong_request(make_desk: MakeDesk) -> None:
    desk = service(make_desk, "damaged")
    (desk.mlruns / "baselines").mkdir(parents=True)
    (desk.mlruns / "baselines" / "main.json").write_text('{"schema": "embprof/bas')
    done = desk.run("workload=service", *PROTOCOL)
    assert done.code == 2
    assert "main.json: not a JSON file" in done.text
    assert "Traceback" not in done.text


def test_a_job_that_failed_is_not_compared(make_desk: MakeDesk) -> None:
    desk = service(make_desk, "failing")
    assert desk.run(*SWEEP, *PROTOCOL).code == 0
    assert desk.run("baseline", "set", "last").code == 0
    (desk.path / "service.py").write_text(MODULE + FAILS)
    done = desk.run(*SWEEP, *PROTOCOL)
    assert done.code == 1
    assert comparison(desk, done.sweep_id, 0)["verdict"]
    assert not (desk.sweep(done.sweep_id) / "1" / "comparison.json").exists()
    assert desk.store.parent(done.sweep_id).data.tags["embprof.verdict"]


def test_an_interrupted_sweep_compares_what_it_has_and_resume_the_rest(
    make_desk: MakeDesk,
) -> None:
    desk = service(make_desk, "resumed")
    assert desk.run(*SWEEP, *PROTOCOL).code == 0
    assert desk.run("baseline", "set", "last").code == 0
    desk.run("baseline", "list")
    started = desk.start(*SWEEP, "iterations=60", "order=one_by_one", *PROTOCOL[1:])
    (first,) = desk.mlruns.glob("sweeps/*")

    def cut() -> Path | None:
        new = [folder for folder in desk.mlruns.glob("sweeps/*") if folder != first]
        return new[0] if new else None

    def is_measuring_the_second() -> bool:
        folder = cut()
        return folder is not None and (folder / "1" / "samples.jsonl").exists()

    started.wait_for(is_measuring_the_second, "job 1 is measured")
    started.interrupt()
    done = started.finish()
    assert done.code == 130
    assert comparison(desk, done.sweep_id, 0)["rows"] == 1
    assert not (desk.sweep(done.sweep_id) / "1" / "comparison.json").exists()

    resumed = desk.measure("resume=last")
    assert resumed.done.code == 0, resumed.done.text
    assert comparison(desk, resumed.sweep_id, 0)["rows"] == 2
    assert comparison(desk, resumed.sweep_id, "resumed-1/1")["rows"] == 2
    logged = [run for run in resumed.children if compared(run)]
    assert len(logged) == 2
    assert resumed.parent.data.tags["embprof.verdict"]
    assert all("verdict" not in line for line in resumed.done.row(0).split())


def test_a_resume_that_is_interrupted_while_it_waits_ends_quietly(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    desk = service(make_desk, "waiting")
    done = desk.run("-m", "workload=service", "batch_size=1", *PROTOCOL)
    assert done.code == 0
    assert desk.run("baseline", "set", "last").code == 0
    with FileLock(tmp_path / "machine.lock"):
        resume = (f"resume={done.sweep_id}", "batch_size=1,2")
        started = desk.start("-m", *resume, EMBPROF_LOCK_DIR=str(tmp_path))
        started.wait_for(lambda: "waiting for" in started.out, "it says that it waits")
        started.interrupt()
        again = started.finish()
    assert again.code == 130
    assert "Traceback" not in again.text


@pytest.fixture(scope="module")
def missed(make_desk: MakeDesk) -> tuple[Desk, Done, Done]:
    """A sweep beside a baseline while the server was down, and the sync after it."""
    desk = service(make_desk, "missed")
    assert desk.run(*SWEEP, *PROTOCOL).code == 0
    assert desk.run("baseline", "set", "last").code == 0
    done = desk.run(*SWEEP, *PROTOCOL, MLFLOW_TRACKING_URI=CLOSED)
    return desk, done, desk.run("sync")


def test_comparisons_that_a_dead_server_missed_are_logged_by_sync(
    missed: tuple[Desk, Done, Done],
) -> None:
    desk, done, synced = missed
    assert (done.code, synced.code) == (0, 0), done.text
    assert "verdict" in done.out
    assert f"sweep {done.sweep_id}: 2 runs logged" in synced.text
    for run in desk.store.children(done.sweep_id):
        assert compared(run) == METRICS | {DETECTABLE}
        assert run.data.tags["embprof.verdict"] == "unclear"
    assert desk.store.parent(done.sweep_id).data.tags["embprof.verdict"] == "unclear"


def test_a_second_sync_logs_no_comparison_twice(missed: tuple[Desk, Done, Done]) -> None:
    desk, done, _ = missed
    (desk.mlruns / "outbox" / f"{done.sweep_id}.json").write_text("{}")
    assert desk.run("sync").code == 0
    for run in desk.store.children(done.sweep_id):
        assert times_logged(desk.store, run, "baseline_ratio") == 1

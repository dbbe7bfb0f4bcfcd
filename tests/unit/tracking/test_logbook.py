"""A sweep's way into MLflow: logged while it can be, left in the outbox when not."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from embprof.errors import TrackingError
from embprof.model import Comparison, Run, Status, Verdict
from embprof.race import Standing
from embprof.tracking import logbook as logging
from embprof.tracking.folder import read_json, write_comparison, write_json, write_run
from embprof.tracking.logbook import Logbook, replay
from embprof.tracking.places import Places
from embprof.tracking.races import add_race
from embprof.tracking.sweep_folder import SweepFolder
from tests.unit.races import race_of

MakeRun = Callable[..., Run]


class Store:
    """Takes the place of MLflow; ``down`` names the calls that fail."""

    down: tuple[str, ...] = ()
    calls: ClassVar[list[str]]
    arms: ClassVar[list[str | None]]
    names: ClassVar[list[str]]

    def __init__(self, _places: Places, experiment: str) -> None:
        self.uri, self.experiment, self.experiment_id = "sqlite:///x", experiment, "1"
        self._do("open")

    def start_sweep(self, sweep_id: str, *, again: bool, **_: Any) -> str:
        self._do(f"start {sweep_id}{' again' * again}")
        return "parent"

    def log_run(
        self,
        run: Run,
        _: Path,
        *,
        name: str,
        parent: str,
        tags: Mapping[str, str],
        again: bool,
        **__: Any,
    ) -> str:
        self._do(f"log {run.number} below {parent}{' again' * again}")
        self.arms.append(tags.get("embprof.arm"))
        self.names.append(name)
        return f"run-{run.number}"

    def log_comparison(self, run_id: str, comparison: Comparison, *, name: str) -> None:
        assert name
        self._do(f"compare {run_id} {comparison.verdict.value}")

    def log_standing(self, run_id: str, standing: Standing, *, sweep: str) -> None:
        self._do(f"stand {run_id} {standing.rank} {sweep}")

    def end_sweep(
        self,
        run_id: str,
        *,
        status: Status,
        tags: Mapping[str, str],
        metrics: Mapping[str, float],
        **_: Any,
    ) -> None:
        self._do(f"end {run_id} {status.value} {len(tags)} {len(metrics)}")

    def _do(self, call: str) -> None:
        if call.split(maxsplit=1)[0] in self.down:
            raise TrackingError("MLflow at sqlite:///x: down")
        self.calls.append(call)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> type[Store]:
    class Fresh(Store):
        calls: ClassVar[list[str]] = []
        arms: ClassVar[list[str | None]] = []
        names: ClassVar[list[str]] = []

    monkeypatch.setattr(logging, "MlflowStore", Fresh)
    return Fresh


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(root=tmp_path / "mlruns")


@pytest.fixture
def sweep(places: Places) -> SweepFolder:
    folder = SweepFolder(path=places.sweep("sweep-1"))
    folder.write(
        {
            "name": "n",
            "params": {"jobs": 2},
            "tags": {},
            "experiment": "mine",
            "status": "ok",
            "end_tags": {"embprof.status": "ok"},
            "end_metrics": {"jobs_ok": 2, "best_throughput_texts_per_s": 9},
        }
    )
    return folder


def answer(sweep: SweepFolder, run: Run) -> Path:
    """A finished run on disk."""
    folder = sweep.path / str(run.number)
    folder.mkdir(parents=True)
    (folder / "job.json").write_text("{}")
    write_run(folder, run)
    return folder


def test_a_sweep_is_logged_job_by_job_below_its_parent(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    book = Logbook(places, sweep, say=pytest.fail, again=False)
    book.open("mine")
    book.start()
    folders = [answer(sweep, run(number)) for number in (0, 1)]
    for number, folder in enumerate(folders):
        book.log(run(number), folder)
    book.close(Status.OK, tags={"a": "b"}, metrics={})
    assert store.calls == [
        *("open", "start sweep-1"),
        *("log 0 below parent", "log 1 below parent", "end parent ok 1 0"),
    ]
    assert read_json(folders[1] / "mlflow.json") == {"run_id": "run-1", "name": "job 1"}
    assert list(sweep.unlogged()) == []
    assert sweep.read()["tracking"] == {
        "uri": "sqlite:///x",
        "experiment": "mine",
        "experiment_id": "1",
        "run_id": "parent",
    }
    assert not places.outbox.exists()


@pytest.mark.parametrize("down", ["open", "start", "log"])
def test_the_first_failure_is_told_once_and_leaves_the_sweep_in_the_outbox(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store], down: str
) -> None:
    store.down = (down,)
    said: list[str] = []
    book = Logbook(places, sweep, say=said.append, again=False)
    book.open("mine")
    book.start()
    folders = [answer(sweep, run(number)) for number in (0, 1)]
    store.down = (down,) if down != "log" else ("log",)
    for number, folder in enumerate(folders):
        book.log(run(number), folder)
    book.close(Status.OK, tags={}, metrics={})
    assert len(said) == 1
    assert "embprof sync" in said[0]
    assert not any(call.startswith(("log", "end")) for call in store.calls)
    assert read_json(places.outbox / "sweep-1.json") == {"problem": "MLflow at sqlite:///x: down"}
    assert list(sweep.unlogged()) == folders


def test_what_waits_in_the_outbox_is_logged_later_and_looked_for_first(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    places.outbox.mkdir(parents=True)
    waiting = places.outbox / "sweep-1.json"
    waiting.write_text("{}")
    for number in (0, 1):
        answer(sweep, run(number))
    assert replay(places, sweep, say=pytest.fail) == 2
    assert store.calls == [
        *("open", "start sweep-1 again"),
        *("log 0 below parent again", "log 1 below parent again", "end parent ok 1 2"),
    ]
    assert not waiting.exists()
    assert replay(places, sweep, say=pytest.fail) == 0


def test_a_replay_that_fails_raises_and_stays_in_the_outbox(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    answer(sweep, run(0))
    store.down = ("log",)
    with pytest.raises(TrackingError, match="down"):
        replay(places, sweep, say=lambda _: None)
    assert (places.outbox / "sweep-1.json").exists()


def test_a_run_that_was_skipped_is_not_logged(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    answer(sweep, run(0, status=Status.SKIPPED, reason="no CUDA"))
    assert replay(places, sweep, say=pytest.fail) == 0
    assert not any(call.startswith("log") for call in store.calls)


def compare(sweep: SweepFolder, number: int, verdict: Verdict = Verdict.SAME) -> None:
    """A comparison beside an answer."""
    comparison = Comparison(
        figure="throughput_texts_per_s",
        a="main",
        b=str(number),
        ratio=1.0,
        low=0.99,
        high=1.01,
        verdict=verdict,
        reason=None,
        smallest_detectable=0.02,
        p_value=1.0,
        basis="",
    )
    write_comparison(sweep.path / str(number), comparison)


def comparisons(store: type[Store]) -> list[str]:
    return [call for call in store.calls if call.startswith("compare")]


def test_a_comparison_is_logged_once_and_again_when_it_changes(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    book = Logbook(places, sweep, say=pytest.fail, again=False)
    book.open("mine")
    book.start()
    for number in (0, 1, 2):
        book.log(run(number), answer(sweep, run(number)))
    for number in (0, 2):
        compare(sweep, number)
    book.log_comparisons()
    assert comparisons(store) == ["compare run-0 same", "compare run-2 same"]
    book.log_comparisons()
    assert len(comparisons(store)) == 2
    compare(sweep, 2, Verdict.SLOWER)
    book.log_comparisons()
    assert comparisons(store)[2:] == ["compare run-2 slower"]
    assert read_json(sweep.path / "0" / "mlflow.json")["run_id"] == "run-0"


def test_comparisons_of_runs_that_a_dead_server_missed_are_logged_with_them_once(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    for number in (0, 1):
        answer(sweep, run(number))
        compare(sweep, number)
    store.down = ("log",)
    with pytest.raises(TrackingError):
        replay(places, sweep, say=lambda _: None)
    assert comparisons(store) == []
    store.down = ()
    assert replay(places, sweep, say=pytest.fail) == 2
    assert comparisons(store) == ["compare run-0 same", "compare run-1 same"]
    replay(places, sweep, say=pytest.fail)
    assert len(comparisons(store)) == 2


def test_a_server_that_dies_before_the_comparisons_leaves_them_to_sync(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    said: list[str] = []
    book = Logbook(places, sweep, say=said.append, again=False)
    book.open("mine")
    book.start()
    for number in (0, 1):
        book.log(run(number), answer(sweep, run(number)))
        compare(sweep, number)
    store.down = ("compare",)
    book.log_comparisons()
    assert len(said) == 1
    assert (places.outbox / "sweep-1.json").exists()
    store.down = ()
    assert replay(places, sweep, say=pytest.fail) == 0, "runs"
    assert comparisons(store) == ["compare run-0 same", "compare run-1 same"]
    assert not (places.outbox / "sweep-1.json").exists()


def test_a_sweep_that_was_interrupted_before_its_store_was_opened_logs_nothing(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    for number in (0, 1):
        answer(sweep, run(number))
        compare(sweep, number)
    write_json(sweep.path / "1" / "mlflow.json", {"run_id": "run-1"})
    book = Logbook(places, sweep, say=pytest.fail, again=True)
    book.log_rest()
    book.log_comparisons()
    book.close(Status.INTERRUPTED, tags={}, metrics={})
    assert store.calls == []
    assert not places.outbox.exists()


def test_arms_of_a_gate_are_told_by_a_tag(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    sweep.update(kind="gate")
    for number in (0, 1):
        answer(sweep, run(number))
    assert replay(places, sweep, say=pytest.fail) == 2
    assert store.arms == ["a", "b"]
    assert store.names == ["A: job 0", "B: job 1"]


def test_jobs_are_named_by_what_differs_between_them(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    sweep.update(params={"jobs": 2, "axes": "batch_size restarts"})
    for number in (0, 1):
        asked = (f"batch_size={number + 1}", "device=cpu", "restarts=2")
        answer(sweep, run(number, *asked))
    assert replay(places, sweep, say=pytest.fail) == 2
    assert store.names == ["batch_size=1 restarts=2", "batch_size=2 restarts=2"]


def standings(store: type[Store]) -> list[str]:
    return [call for call in store.calls if call.startswith("stand")]


def test_places_of_a_race_are_logged_once_and_again_when_they_change(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    book = Logbook(places, sweep, say=pytest.fail, again=False)
    book.open("mine")
    book.start()
    for number in (0, 1, 2):
        book.log(run(number), answer(sweep, run(number)))
    book.log_standings()
    assert standings(store) == []
    add_race(sweep.path, race_of({"sweep-1/0": 1.2, "sweep-1/1": 1.0}))
    book.log_standings()
    assert standings(store) == ["stand run-0 2 sweep-1", "stand run-1 1 sweep-1"]
    compare(sweep, 0)
    book.log_comparisons()
    book.log_standings()
    assert len(standings(store)) == 2
    add_race(sweep.path, race_of({"sweep-1/0": 1.0, "sweep-1/1": 1.2}))
    book.log_standings()
    assert standings(store)[2:] == ["stand run-0 1 sweep-1", "stand run-1 2 sweep-1"]
    assert read_json(sweep.path / "0" / "mlflow.json")["run_id"] == "run-0"


def test_a_server_that_dies_before_the_places_leaves_them_to_sync(
    places: Places, sweep: SweepFolder, run: MakeRun, store: type[Store]
) -> None:
    said: list[str] = []
    book = Logbook(places, sweep, say=said.append, again=False)
    book.open("mine")
    book.start()
    for number in (0, 1):
        book.log(run(number), answer(sweep, run(number)))
    add_race(sweep.path, race_of({"sweep-1/0": 1.2, "sweep-1/1": 1.0}))
    store.down = ("stand",)
    book.log_standings()
    assert len(said) == 1
    store.down = ()
    replay(places, sweep, say=pytest.fail)
    assert standings(store) == ["stand run-0 2 sweep-1", "stand run-1 1 sweep-1"]
    replay(places, sweep, say=pytest.fail)
    assert len(standings(store)) == 2

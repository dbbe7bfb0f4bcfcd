"""A sweep whose process was killed is finished by the next command; one that lives is let be."""

import platform
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from embprof.errors import TrackingError
from embprof.machine import fingerprint, resources
from embprof.model import Job, Run, Slice, Status
from embprof.tracking import index, recovery
from embprof.tracking.folder import RunFolder, read_json, read_run, write_json, write_run
from embprof.tracking.places import Places
from embprof.tracking.recovery import active, is_running, recover
from embprof.tracking.sweep_folder import SweepFolder

MakeJob = Callable[..., Job]
MakeRun = Callable[..., Run]
MakeSlice = Callable[..., Slice]

SWEEP_ID = "20260101-000000-abcd"
NOBODY = 2**22 + 1
"""A process id above Linux's largest."""


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(root=tmp_path / "mlruns")


@pytest.fixture
def sweep(places: Places) -> SweepFolder:
    folder = SweepFolder(path=places.sweep(SWEEP_ID))
    folder.write({"status": None, "ended": None, "experiment": "embprof"})
    return folder


@pytest.fixture(autouse=True)
def replayed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the sweeps that were logged again; MLflow itself is not asked."""
    found: list[str] = []

    def replay(_places: Places, sweep: SweepFolder, *, say: Callable[[str], None]) -> int:
        assert callable(say)
        found.append(sweep.sweep_id)
        return 1

    monkeypatch.setattr(recovery, "replay", replay)
    return found


def cut_off(sweep: SweepFolder, job: Job, pieces: list[Slice], part: str = "") -> Path:
    """A job as a killed process leaves it: some slices, the last line cut, no answer."""
    name = f"{part}{job.number}"
    folder = RunFolder(sweep.path / name, name)
    known = {key: value for key, value in asdict(job).items() if key != "config"}
    folder.begin(
        {**known, "started": "2026-01-01T00:00:00.000+00:00"}, job.config, {"hard": {"a": 1}}
    )
    folder.describe({"items": "texts", "threads": 2})
    for piece in pieces:
        folder.keep(piece)
    assert folder._samples is not None
    folder._samples.write('{"restart":0,"warm')
    folder._samples.close()
    return folder.path


def mark(places: Places, **changes: Any) -> Path:
    """A mark as this very process would leave it, but for the changes."""
    path = places.active / f"{SWEEP_ID}.json"
    with active(places, SWEEP_ID):
        written = read_json(path)
    write_json(path, {**written, **changes})
    return path


def test_a_sweep_is_marked_for_as_long_as_it_runs(places: Places) -> None:
    assert not is_running(places, SWEEP_ID)
    with active(places, SWEEP_ID):
        assert is_running(places, SWEEP_ID)
    assert not is_running(places, SWEEP_ID)
    with pytest.raises(RuntimeError), active(places, SWEEP_ID):
        raise RuntimeError
    assert list(places.active.iterdir()) == []


def test_the_job_of_a_dead_process_is_interrupted_with_the_figures_of_its_slices(
    places: Places, sweep: SweepFolder, job: MakeJob, piece: MakeSlice
) -> None:
    warm, measured = piece(9.0, warmup=True), piece(*(0.1,) * 20, items=8)
    folder = cut_off(sweep, job(0, "batch_size=8"), [warm, measured])
    path = mark(places, pid=NOBODY)
    said: list[str] = []
    recover(places, say=said.append)
    run = read_run(folder)
    assert run is not None
    assert (run.status, run.reason) == (Status.INTERRUPTED, "the sweep's process was killed")
    assert run.value("throughput_texts_per_s") == pytest.approx(80.0)
    assert run.seconds == pytest.approx({"total": 11.0, "warmup": 9.0, "measured": 2.0})
    assert (run.run_id, run.number, run.overrides) == (f"{SWEEP_ID}/0", 0, ("batch_size=8",))
    assert (run.key, run.environment) == ("key0", fingerprint.digest({"a": 1}))
    assert run.config == job().config
    assert not path.exists()
    assert len(said) == 1
    assert f"resume={SWEEP_ID}" in said[0]


def test_a_killed_run_is_described_as_one_that_was_not_killed(
    places: Places, sweep: SweepFolder, job: MakeJob, piece: MakeSlice
) -> None:
    folder = cut_off(sweep, job(0), [piece(0.1)])
    mark(places, pid=NOBODY)
    recover(places, say=lambda _: None)
    run = read_run(folder)
    assert run is not None
    assert run.description == {"items": "texts", "threads": 2}


def test_the_sweep_of_a_dead_process_is_interrupted_indexed_and_logged(
    places: Places, sweep: SweepFolder, job: MakeJob, piece: MakeSlice, replayed: list[str]
) -> None:
    cut_off(sweep, job(1), [piece(0.1)])
    cut_off(sweep, job(1), [piece(0.1)], part="resumed-1/")
    mark(places, pid=NOBODY)
    recover(places, say=lambda _: None)
    assert sweep.read()["status"] == "interrupted"
    assert sweep.read()["ended"] is not None
    assert [entry.folder for entry in index.read(places.index)] == ["1", "resumed-1/1"]
    assert replayed == [SWEEP_ID]


def test_a_job_killed_before_its_first_slice_is_interrupted_without_figures(
    places: Places, sweep: SweepFolder, job: MakeJob
) -> None:
    folder = cut_off(sweep, job(0), [])
    (folder / "description.json").unlink()
    mark(places, pid=NOBODY)
    recover(places, say=lambda _: None)
    run = read_run(folder)
    assert run is not None
    assert (run.status, run.figures) == (Status.INTERRUPTED, ())


def test_answers_that_were_given_before_the_kill_are_left_as_they_are(
    places: Places, sweep: SweepFolder, job: MakeJob, run: MakeRun, piece: MakeSlice
) -> None:
    answered = cut_off(sweep, job(0), [piece(0.1)])
    write_run(answered, run(0))
    mark(places, pid=NOBODY)
    recover(places, say=lambda _: None)
    assert read_run(answered) == run(0)
    assert list(index.read(places.index)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"pid": NOBODY},
        {"process_started": 1.0},
        {"boot_id": "another boot"},
    ],
)
def test_a_process_is_gone_when_its_id_its_start_or_the_boot_is_anothers(
    places: Places, sweep: SweepFolder, changes: dict[str, Any]
) -> None:
    path = mark(places, **changes)
    assert not is_running(places, SWEEP_ID)
    recover(places, say=lambda _: None)
    assert not path.exists()
    assert sweep.read()["status"] == "interrupted"


@pytest.mark.parametrize(
    "changes", [{}, {"hostname": "elsewhere", "pid": NOBODY, "boot_id": "another boot"}]
)
def test_a_sweep_that_lives_here_or_on_another_machine_is_left_alone(
    *,
    places: Places,
    sweep: SweepFolder,
    job: MakeJob,
    piece: MakeSlice,
    replayed: list[str],
    changes: dict[str, Any],
) -> None:
    folder = cut_off(sweep, job(0), [piece(0.1)])
    path = mark(places, **changes)
    recover(places, say=pytest.fail)
    assert path.exists()
    assert read_run(folder) is None
    assert sweep.read()["status"] is None
    assert replayed == []
    assert is_running(places, SWEEP_ID)


def test_a_mark_whose_sweep_was_deleted_is_taken_away(places: Places, replayed: list[str]) -> None:
    path = mark(places, pid=NOBODY)
    recover(places, say=pytest.fail)
    assert not path.exists()
    assert replayed == []


def test_without_marks_nothing_happens(places: Places) -> None:
    recover(places, say=pytest.fail)
    assert not places.root.exists()


def test_a_server_that_is_down_is_told_and_the_sweep_is_finished_all_the_same(
    places: Places, sweep: SweepFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> int:
        raise TrackingError("MLflow at http://gone: refused")

    monkeypatch.setattr(recovery, "replay", fails)
    mark(places, pid=NOBODY)
    said: list[str] = []
    recover(places, say=said.append)
    assert sweep.read()["status"] == "interrupted"
    assert "embprof sync" in said[-1]
    assert not list(places.active.glob("*.json"))


def test_a_mark_tells_where_and_who_the_process_is(places: Places) -> None:
    written = read_json(mark(places))
    assert written["hostname"] == platform.node()
    assert written["boot_id"] == resources.boot_id()

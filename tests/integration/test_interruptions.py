"""Ctrl-C, SIGTERM and kill -9 at every stage: what was measured is kept and can be gone on with."""

from __future__ import annotations

import json
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from filelock import FileLock

if TYPE_CHECKING:
    from mlflow.entities import Run

    from tests.integration.conftest import Desk, Done, MakeDesk, Measured, Started

CALLS = 120
SWEEP = ("-m", "workload=nap", "batch_size=1,2,3")
PROTOCOL = (
    f"iterations={CALLS}",
    "slice_seconds=0.05",
    "warmup.iterations=0",
    "warmup.seconds=0",
    "order=one_by_one",  # which job is measured when is the point
    "report=false",
)
HALFWAY = 100_000_000
"""Resident bytes of a server that has begun to import torch and is not done."""
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A sweep that was cut off while job 1 was measured, with MLflow as it was right after."""

    desk: Desk
    done: Done
    sweep_id: str
    parent: Run
    children: list[Run]

    @property
    def answer(self) -> dict[str, Any]:
        return self.desk.answer(self.sweep_id, 1)

    @property
    def slices(self) -> list[dict[str, Any]]:
        return self.desk.slices(self.sweep_id, 1)

    def throughput(self) -> tuple[float, float]:
        """Of the cut job: as stored, and as its samples have it."""
        calls = [samples for piece in self.slices for samples in piece["samples"][:1]]
        items = sum(sum(samples["items"]) for samples in calls)
        seconds = sum(sum(samples["values"]) for samples in calls)
        (stored,) = (
            figure["estimate"]["value"]
            for figure in self.answer["figures"]
            if figure["name"] == "throughput_naps_per_s"
        )
        return stored, items / seconds


def _embprof(desk: Desk, *words: str) -> Started:
    """A command in an interpreter of its own: what signals do to it and its family is the point."""
    return desk.launch(sys.executable, "-m", "embprof", *words)


def _until_job_1_is_measured(desk: Desk) -> Started:
    started = _embprof(desk, *SWEEP, *PROTOCOL)
    started.wait_for(lambda: desk.has_measured(1), "two slices of job 1")
    return started


def _cut(desk: Desk, done: Done) -> Cut:
    (folder,) = desk.mlruns.glob("sweeps/*")
    return Cut(
        desk=desk,
        done=done,
        sweep_id=folder.name,
        parent=desk.store.parent(folder.name),
        children=desk.store.children(folder.name),
    )


@pytest.fixture(scope="module")
def interrupted(make_desk: MakeDesk) -> Cut:
    """Ctrl-C while job 1 of 3 is measured."""
    desk = make_desk("ctrl-c")
    started = _until_job_1_is_measured(desk)
    started.interrupt()
    return _cut(desk, started.finish())


@pytest.fixture(scope="module")
def resumed(interrupted: Cut) -> Measured:
    return interrupted.desk.measure("resume=last")


@pytest.fixture(scope="module")
def terminated(make_desk: MakeDesk) -> Cut:
    """SIGTERM, as a batch system sends it, while job 1 of 3 is measured."""
    desk = make_desk("sigterm")
    started = _until_job_1_is_measured(desk)
    started.process.terminate()
    return _cut(desk, started.finish())


@pytest.fixture(scope="module")
def killed(make_desk: MakeDesk) -> tuple[Cut, list[psutil.Process]]:
    """kill -9 of the sweep's process, then another command; with whatever of it outlived it."""
    desk = make_desk("kill-9")
    started = _until_job_1_is_measured(desk)
    family = psutil.Process(started.process.pid).children(recursive=True)
    assert len(family) >= 2, "a fork server and a worker"
    started.process.kill()
    started.finish()
    _, alive = psutil.wait_procs(family, timeout=60)
    (mark,) = desk.mlruns.glob("active/*.json")
    done = desk.run("workload=nap", *PROTOCOL, "iterations=1")
    assert done.sweep_id != mark.stem
    cut = Cut(
        desk=desk,
        done=done,
        sweep_id=mark.stem,
        parent=desk.store.parent(mark.stem),
        children=desk.store.children(mark.stem),
    )
    return cut, alive


def test_ctrl_c_ends_with_130_and_says_how_to_go_on(interrupted: Cut) -> None:
    assert interrupted.done.code == 130
    assert "Traceback" not in interrupted.done.text
    assert f"embprof resume={interrupted.sweep_id}" in interrupted.done.text


def test_ctrl_c_shows_what_was_measured_so_far(interrupted: Cut) -> None:
    assert "interrupted" in interrupted.done.row(1)
    assert "not run" in interrupted.done.row(2)
    assert "#1 interrupted: ctrl-C, while measuring" in interrupted.done.text


def test_a_job_cut_off_by_ctrl_c_keeps_its_samples_and_figures(interrupted: Cut) -> None:
    assert interrupted.answer["status"] == "interrupted"
    assert "ctrl-C" in interrupted.answer["reason"]
    assert len(interrupted.slices) >= 2
    stored, sampled = interrupted.throughput()
    assert stored == pytest.approx(sampled)


def test_no_job_starts_after_ctrl_c(interrupted: Cut) -> None:
    assert not (interrupted.desk.sweep(interrupted.sweep_id) / "2" / "job.json").exists()
    assert len(interrupted.children) == 2


def test_ctrl_c_leaves_no_run_open_in_mlflow(interrupted: Cut) -> None:
    _is_tagged_interrupted(interrupted)
    assert not list(interrupted.desk.mlruns.glob("active/*"))


def test_resume_measures_only_what_is_missing(interrupted: Cut, resumed: Measured) -> None:
    assert resumed.done.code == 0
    assert resumed.sweep_id == interrupted.sweep_id
    assert "3 jobs, 1 answered before" in resumed.done.text
    part = resumed.desk.sweep(resumed.sweep_id) / "resumed-1"
    measured = {file.parent.name for file in part.glob("*/run.json")}
    assert measured == {"1", "2"}
    assert {folder.name for folder in part.iterdir() if folder.is_dir()} == measured


def test_resume_shows_every_job(resumed: Measured) -> None:
    for job in (0, 1, 2):
        assert resumed.done.row(job).split()[1] == str(job + 1), "batch_size"
        assert float(resumed.done.row(job).split()[2].replace(",", "")) > 0


def test_resume_completes_the_sweep_in_mlflow(resumed: Measured) -> None:
    assert resumed.parent.info.status == "FINISHED"
    assert resumed.parent.data.tags["embprof.status"] == "ok"
    statuses = sorted(run.data.tags["embprof.status"] for run in resumed.children)
    assert statuses == ["interrupted", "ok", "ok", "ok"]
    note = resumed.parent.data.tags["mlflow.note.content"]
    assert "interrupted" not in note
    assert "not run" not in note


def test_resume_of_a_sweep_that_is_answered_runs_none(resumed: Measured) -> None:
    again = resumed.desk.run(f"resume={resumed.sweep_id}")
    assert again.code == 0
    assert "3 jobs, 3 answered before" in again.text
    assert all(float(again.row(job).split()[2].replace(",", "")) > 0 for job in (0, 1, 2))
    assert not (resumed.desk.sweep(resumed.sweep_id) / "resumed-2").exists()
    assert len(resumed.store.children(resumed.sweep_id)) == 4
    assert resumed.store.parent(resumed.sweep_id).info.status == "FINISHED"


@pytest.mark.parametrize("wanted", ["last", "20200101-000000-abcd"])
def test_resume_of_a_sweep_that_is_not_there_is_a_wrong_request(desk: Desk, wanted: str) -> None:
    done = desk.run(f"resume={wanted}")
    assert done.code == 2
    assert f"resume={wanted}: there is no such sweep" in done.text
    assert "Traceback" not in done.text


def test_a_second_ctrl_c_loses_nothing_that_was_measured(desk: Desk) -> None:
    started = desk.start("workload=nap", *PROTOCOL)
    started.wait_for(lambda: desk.has_measured(0), "two slices of job 0")
    started.interrupt()
    time.sleep(0.03)  # while the first one is being answered
    started.interrupt()
    done = started.finish()
    assert done.code == 130
    assert "Traceback" not in done.text
    answer = desk.answer(done.sweep_id, 0)
    assert answer["status"] == "interrupted"
    assert answer["figures"]
    (run,) = desk.store.children(done.sweep_id)
    assert run.info.status == "KILLED"
    assert desk.store.parent(done.sweep_id).info.status == "KILLED"


def test_sigterm_ends_a_sweep_as_ctrl_c_does(terminated: Cut) -> None:
    assert terminated.done.code == 130
    assert "Traceback" not in terminated.done.text
    assert terminated.answer["status"] == "interrupted"
    assert "SIGTERM" in terminated.answer["reason"]
    stored, sampled = terminated.throughput()
    assert stored == pytest.approx(sampled)
    _is_tagged_interrupted(terminated)


def test_a_sweep_ended_by_sigterm_can_be_resumed_by_its_id(terminated: Cut) -> None:
    done = terminated.desk.run(f"resume={terminated.sweep_id}")
    assert done.code == 0
    assert "3 jobs, 1 answered before" in done.text
    resumed = terminated.desk.sweep(terminated.sweep_id) / "resumed-1"
    assert json.loads((resumed / "1" / "run.json").read_text())["status"] == "ok"


def test_a_worker_ends_when_its_sweep_is_killed(
    killed: tuple[Cut, list[psutil.Process]],
) -> None:
    _, alive = killed
    assert alive == []


def test_the_next_command_finishes_a_sweep_that_was_killed(
    killed: tuple[Cut, list[psutil.Process]],
) -> None:
    cut, _ = killed
    assert cut.done.code == 0
    assert f"sweep {cut.sweep_id} was killed" in cut.done.text
    assert cut.answer["status"] == "interrupted"
    assert cut.answer["reason"] == "the sweep's process was killed"
    assert not list(cut.desk.mlruns.glob("active/*"))


def test_a_killed_sweep_leaves_no_run_open_in_mlflow(
    killed: tuple[Cut, list[psutil.Process]],
) -> None:
    cut, _ = killed
    _is_tagged_interrupted(cut)


def test_a_job_cut_off_by_a_kill_has_the_figures_of_the_slices_it_kept(
    killed: tuple[Cut, list[psutil.Process]],
) -> None:
    cut, _ = killed
    stored, sampled = cut.throughput()
    assert stored == pytest.approx(sampled)


def test_a_worker_that_is_killed_fails_its_job_alone(desk: Desk) -> None:
    started = desk.start("-m", "workload=nap", "batch_size=1,2", *PROTOCOL)
    started.wait_for(lambda: desk.has_measured(0), "two slices of job 0")
    family = psutil.Process(started.process.pid).children(recursive=True)
    (worker,) = (process for process in family if process.ppid() != started.process.pid)
    worker.kill()
    done = started.finish()
    assert done.code == 1
    failed, ok = (desk.answer(done.sweep_id, job) for job in (0, 1))
    assert (failed["status"], ok["status"]) == ("failed", "ok")
    assert "SIGKILL" in failed["reason"]
    tags = [run.data.tags["embprof.status"] for run in desk.store.children(done.sweep_id)]
    assert tags == ["failed", "ok"]


@SIGNALS
def test_an_interruption_while_everything_is_imported_ends_quietly(
    desk: Desk, number: signal.Signals
) -> None:
    started = _until_torch_is_imported(desk)
    if number == signal.SIGINT:
        started.interrupt()
    else:
        started.process.send_signal(number)
    done = started.finish()
    assert done.code == 130
    assert "Traceback" not in done.text
    (folder,) = desk.mlruns.glob("sweeps/*")
    assert json.loads((folder / "sweep.json").read_text())["status"] == "interrupted"
    assert not list(desk.mlruns.glob("active/*"))
    assert all(run.info.status != "RUNNING" for run in desk.store.parents(folder.name))


@SIGNALS
def test_an_interruption_while_waiting_for_another_sweep_ends_quietly(
    desk: Desk, tmp_path: Path, number: signal.Signals
) -> None:
    with FileLock(tmp_path / "machine.lock"):
        started = desk.start("workload=nap", EMBPROF_LOCK_DIR=str(tmp_path))
        started.wait_for(lambda: "waiting for" in started.out, "it says that it waits")
        started.process.send_signal(number)
        done = started.finish()
    assert done.code == 130
    assert "Traceback" not in done.text
    assert not list(desk.mlruns.glob("active/*"))
    (folder,) = desk.mlruns.glob("sweeps/*")
    assert json.loads((folder / "sweep.json").read_text())["status"] == "interrupted"


def test_a_kill_while_everything_is_imported_leaves_no_process(desk: Desk) -> None:
    started = _until_torch_is_imported(desk)
    family = psutil.Process(started.process.pid).children(recursive=True)
    assert family, "the fork server"
    started.process.kill()
    started.finish()
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []


def _until_torch_is_imported(desk: Desk) -> Started:
    """A sweep whose fork server is in the middle of its imports."""
    started = _embprof(desk, "max_seconds=1")

    def server_has_begun() -> bool:
        servers = psutil.Process(started.process.pid).children()
        return any(server.memory_info().rss > HALFWAY for server in servers)

    started.wait_for(server_has_begun, "the imports begin")
    assert "importing torch" in started.out
    return started


def _is_tagged_interrupted(cut: Cut) -> None:
    assert [run.data.tags["embprof.status"] for run in cut.children] == ["ok", "interrupted"]
    assert [run.info.status for run in cut.children] == ["FINISHED", "KILLED"]
    assert cut.parent.info.status == "KILLED"
    assert cut.parent.data.tags["embprof.status"] == "interrupted"

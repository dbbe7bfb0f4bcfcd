"""One line a finished run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from embprof.model import Run, Status
from embprof.tracking import index

MakeRun = Callable[..., Run]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mlruns" / "index.jsonl"


def test_an_index_that_is_not_there_is_empty(file: Path) -> None:
    assert list(index.read(file)) == []
    assert index.answered(file, "any") == {}
    assert index.durations(file) == {}


def test_a_run_is_remembered_with_its_key_its_folder_and_its_seconds(
    file: Path, run: MakeRun
) -> None:
    index.append(file, run(2, run_id="sweep-1/resumed-1/2", sweep_id="sweep-1"))
    (entry,) = index.read(file)
    assert (entry.sweep_id, entry.folder, entry.key) == ("sweep-1", "resumed-1/2", "key2")
    assert (entry.seconds, entry.warmup_seconds, entry.measured_seconds) == (12.0, 1.0, 10.0)
    assert entry.status == "ok"


def test_only_a_sweeps_own_runs_that_are_ok_answer_its_questions(file: Path, run: MakeRun) -> None:
    index.append(file, run(0, sweep_id="mine"))
    index.append(file, run(1, sweep_id="mine", status=Status.FAILED))
    index.append(file, run(2, sweep_id="mine", status=Status.INTERRUPTED))
    index.append(file, run(3, sweep_id="other"))
    assert set(index.answered(file, "mine")) == {
        ("key0", "environment0", "restarts=1,iterations=None")
    }


def test_jobs_of_one_key_are_told_apart_by_restarts_and_iterations(
    file: Path, run: MakeRun
) -> None:
    for restarts in (1, 2):
        config = {"restarts": restarts, "iterations": 5, "precision": 0.1}
        index.append(file, run(restarts, sweep_id="mine", key="same", config=config))
    assert {protocol for _, _, protocol in index.answered(file, "mine")} == {
        "restarts=1,iterations=5",
        "restarts=2,iterations=5",
    }


def test_a_later_answer_takes_the_place_of_an_earlier_one(file: Path, run: MakeRun) -> None:
    index.append(file, run(sweep_id="mine", run_id="mine/0", seconds={"total": 5.0}))
    index.append(file, run(sweep_id="mine", run_id="mine/resumed-1/0", seconds={"total": 7.0}))
    (entry,) = index.answered(file, "mine").values()
    assert entry.folder == "resumed-1/0"
    assert index.durations(file) == {"key0": 7.0}


def test_durations_are_those_of_runs_that_were_ok(file: Path, run: MakeRun) -> None:
    index.append(file, run(0))
    index.append(file, run(1, status=Status.TIMEOUT))
    assert index.durations(file) == {"key0": 12.0}


def test_a_line_that_was_cut_off_is_left_out(file: Path, run: MakeRun) -> None:
    index.append(file, run(0))
    index.append(file, run(1))
    file.write_text(file.read_text()[:-20])
    assert [entry.key for entry in index.read(file)] == ["key0"]


def test_a_line_that_was_cut_off_does_not_spoil_those_written_after_it(
    file: Path, run: MakeRun
) -> None:
    index.append(file, run(0))
    index.append(file, run(1))
    file.write_text(file.read_text()[:-20])
    index.append(file, run(2))
    index.append(file, run(3))
    keys = [entry.key for entry in index.read(file)]
    assert keys[0] == "key0"
    assert keys[-1] == "key3"
    assert "key1" not in keys

"""Rows that fail, an interruption, a fault of ours, and memory that has no room for all."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from embprof.config.plan import Plan
from embprof.config.races import Group
from embprof.errors import WorkerError
from embprof.interruptions import Terminated
from embprof.model import Status
from embprof.run.race import race as module
from embprof.run.race.running import run_race
from embprof.tracking.races import read_races

if TYPE_CHECKING:
    from tests.unit.run.race.conftest import Bench

WARM = {"iterations": 3, "seconds": 0, "max_seconds": 1}
QUICK: dict[str, Any] = {"max_seconds": 20.0, "warmup": WARM}
OPEN = {"alpha": 0.01, "bound": 0.001, "objective": None, "max_seconds": None}
"""A race in which rows that differ by half a percent are never told apart, nor the same."""
FAILED = WorkerError(Status.FAILED, "RuntimeError: on purpose", "Traceback …")
NO_MEMORY = WorkerError(Status.OUT_OF_MEMORY, "MemoryError")


@pytest.mark.parametrize(
    ("verb", "nth", "phase"),
    [
        ("open", 1, "loading"),
        ("observe", 1, "warming up"),
        ("observe", 6, "measuring"),
        ("facts", 1, "closing"),
        ("close", 1, "closing"),
    ],
)
def test_a_row_that_fails_leaves_with_its_reason_and_the_others_go_on(
    bench: Bench, verb: str, nth: int, phase: str
) -> None:
    bench.world.fails[1, verb, nth] = FAILED
    bench.measure(0.1, 0.1, 0.2, **QUICK)
    assert [bench.runs[row].status for row in (0, 1, 2)] == [Status.OK, Status.FAILED, Status.OK]
    assert bench.runs[1].reason == f"RuntimeError: on purpose (while {phase})"
    assert "Traceback …" in (bench.folder.path / "1" / "worker.log").read_text()
    assert bench.standing(1).rank is None
    assert bench.standing(1).left == f"failed: RuntimeError: on purpose (while {phase})"
    assert (bench.standing(0).word, bench.standing(2).word) == ("fastest", "slower")


def test_a_row_that_fails_keeps_what_it_measured(bench: Bench) -> None:
    bench.world.fails[1, "observe", 12] = FAILED
    bench.measure(0.1, 0.1005, 0.1003, race=OPEN, **QUICK)
    assert bench.measured(1) > 10
    assert bench.runs[1].primary is not None


def test_where_all_rows_fail_there_is_no_race(bench: Bench) -> None:
    bench.world.fails |= {(row, "observe", 6): FAILED for row in (0, 1)}
    bench.measure(0.1, 0.1, **QUICK)
    assert {run.status for run in bench.runs.values()} == {Status.FAILED}
    assert bench.races == ()


@pytest.mark.parametrize(
    ("error", "by"), [(KeyboardInterrupt(), "ctrl-C"), (Terminated(), "SIGTERM")]
)
def test_an_interruption_keeps_all_that_was_measured(
    bench: Bench, interrupted: Callable[..., None], error: BaseException, by: str
) -> None:
    bench.world.fails[1, "observe", 60] = error
    interrupted(0.1, 0.1005, 0.3, race=OPEN, **QUICK)
    assert [bench.runs[row].status for row in (0, 1, 2)] == [
        Status.INTERRUPTED,
        Status.INTERRUPTED,
        Status.OK,
    ]
    assert str(bench.runs[0].reason).startswith(f"{by}, while measuring round ")
    for row in (0, 1, 2):
        assert bench.measured(row) >= 8
        assert bench.runs[row].primary is not None
    assert bench.standing(2).word == "slower"
    assert bench.standing(0).left == "interrupted"


def test_an_interruption_while_rows_are_loaded_marks_them_all(
    bench: Bench, interrupted: Callable[..., None]
) -> None:
    bench.world.fails[1, "open", 1] = KeyboardInterrupt()
    interrupted(0.1, 0.1, 0.1, **QUICK)
    assert [bench.runs[row].status for row in (0, 1, 2)] == [Status.INTERRUPTED] * 3
    assert bench.races == ()


@pytest.mark.parametrize("verb", ["finish", "facts", "close"])
def test_an_interruption_while_a_row_is_put_away_ends_it_with_a_run(
    bench: Bench, interrupted: Callable[..., None], verb: str
) -> None:
    bench.world.fails[2, verb, 1] = KeyboardInterrupt()
    interrupted(0.1, 0.1005, 0.3, race=OPEN, **QUICK)
    assert [bench.runs[row].status for row in (0, 1, 2)] == [Status.INTERRUPTED] * 3
    assert bench.measured(2) > 0


def test_an_interruption_while_a_row_is_kept_loses_no_other(
    bench: Bench, interrupted: Callable[..., None]
) -> None:
    bench.interrupts = {2}
    interrupted(0.1, 0.1005, 0.3, race=OPEN, **QUICK)
    assert [bench.runs[row].status for row in (0, 1)] == [Status.INTERRUPTED] * 2
    stored = json.loads((bench.folder.path / "2" / "run.json").read_text())
    assert stored["status"] == "ok"


def test_a_fault_of_ours_fails_the_rows_and_ends_no_sweep(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object, **__: object) -> float:
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr(module, "slice_seconds", faulty)
    bench.measure(0.1, 0.1, **QUICK)
    for row in (0, 1):
        assert bench.runs[row].status == Status.FAILED
        assert str(bench.runs[row].reason).startswith("ZeroDivisionError: float division by zero")
    assert "Traceback" in (bench.folder.path / "0" / "worker.log").read_text()
    assert bench.races == ()


def test_a_disk_that_fails_ends_the_race(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("embprof.run.recorder.Recorder.keep", full)
    with pytest.raises(OSError, match="No space left"):
        bench.measure(0.1, 0.1, **QUICK)


def test_a_row_without_memory_beside_others_is_opened_when_they_are_gone(bench: Bench) -> None:
    bench.world.fails[2, "open", 1] = NO_MEMORY
    bench.measure(0.1, 0.2, 0.3, **QUICK)
    assert {run.status for run in bench.runs.values()} == {Status.OK}
    assert [bench.standing(row).rank for row in (0, 1, 2)] == [1, 2, 3]
    assert bench.race.notes[0] == "memory had no room for #2 beside the others; they came later"


def test_a_row_without_memory_beside_the_leader_is_measured_by_itself(bench: Bench) -> None:
    bench.world.fails |= {(2, "open", nth): NO_MEMORY for nth in (1, 2)}
    bench.measure(0.1, 0.2, 0.3, **QUICK)
    assert {run.status for run in bench.runs.values()} == {Status.OK}
    assert bench.seconds(2) > 19
    assert bench.standing(2).rank is None
    assert bench.standing(2).left == "too few rounds to compare it"


def test_a_row_that_has_no_memory_by_itself_fails(bench: Bench) -> None:
    bench.world.fails |= {(2, "open", nth): NO_MEMORY for nth in range(1, 9)}
    bench.measure(0.1, 0.2, 0.3, **QUICK)
    assert [bench.runs[row].status for row in (0, 1)] == [Status.OK] * 2
    assert bench.runs[2].status == Status.OUT_OF_MEMORY
    assert bench.runs[2].reason == "MemoryError (while loading)"


def test_rows_that_memory_has_no_room_for_come_later_and_meet_the_leader(bench: Bench) -> None:
    bench.world.memory_mb = dict.fromkeys(range(5), 1000.0)
    bench.world.machine_mb = 3700.0
    bench.measure(0.13, 0.2, 0.1, 0.5, 0.3, **QUICK)
    assert {run.status for run in bench.runs.values()} == {Status.OK}
    ranks = [bench.standing(row).rank for row in range(5)]
    assert ranks == [2, 3, 1, 5, 4]
    assert any(note.startswith("memory had no room for #") for note in bench.race.notes)
    assert sum(bench.seconds(row) for row in range(5)) < 102


def test_rows_of_which_one_leads_after_the_leader_of_before_are_compared_through_it(
    bench: Bench,
) -> None:
    """Rows 0 and 1 are gone when the quickest one comes."""
    bench.world.memory_mb = dict.fromkeys(range(3), 1000.0)
    bench.world.machine_mb = 3000.0
    bench.measure(0.2, 0.3, 0.1, **QUICK)
    assert bench.standing(2).word == "fastest"
    assert bench.standing(1).ratio == pytest.approx(3, rel=0.05)
    assert bench.race.pair("sweep/1", "sweep/2") is None
    assert "#1 never met the leader in a round and are compared through others" in bench.race.notes


def test_memory_is_asked_for_anew_in_every_restart_and_noted_once(bench: Bench) -> None:
    bench.world.memory_mb = dict.fromkeys(range(3), 1000.0)
    bench.world.machine_mb = 3000.0
    bench.measure(0.1, 0.2, 0.3, restarts=2, **QUICK)
    for row in range(3):
        assert {piece.restart for piece in bench.slices(row)} == {0, 1}
    assert len(bench.race.notes) == len(set(bench.race.notes))


def test_rows_that_were_answered_before_are_said_not_to_be_compared(bench: Bench) -> None:
    old = bench.job(0, 0.01, **QUICK)
    run_race(Group(jobs=(old,), is_of_restarts=False), bench)
    bench.part, bench.plan = "resumed-1", cast(Plan, SimpleNamespace(jobs=(old,)))
    jobs = tuple(bench.job(number, 0.01 * number, **QUICK) for number in (1, 2))
    run_race(Group(jobs=jobs, is_of_restarts=False), bench)
    note = "#0 measured before, in other rounds: not compared with these rows"
    assert note in bench.sheet.said
    (race,) = read_races(bench.folder.path)
    assert note in race.notes

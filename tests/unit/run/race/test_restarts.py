"""Rows of whole processes in rounds: a restart of each in turn, on a fake clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from embprof.errors import WorkerError
from embprof.interface.conclusion import Conclusion, FollowUp
from embprof.interruptions import Terminated
from embprof.model import Status, Summary

if TYPE_CHECKING:
    from tests.unit.run.race.conftest import Bench

ONE_CALL: dict[str, Any] = {
    "of_restarts": True,
    "iterations": 1,
    "warmup": {"iterations": 0, "seconds": 0, "max_seconds": 1},
}
STARTS: dict[str, Any] = {**ONE_CALL, "restarts": 12}
FAILED = WorkerError(Status.FAILED, "RuntimeError: on purpose", "Traceback …")
LOOK = FollowUp(measurement={"_target_": "acme.look.Look"}, iterations=1, phase="looking closer")


@pytest.fixture
def looks_closer(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row asks to be looked at closer when it is measured."""
    assert bench
    monkeypatch.setattr("embprof.run.follow_up.conclude", lambda *_: Conclusion(follow_up=LOOK))


def test_rows_are_compared_in_what_their_restarts_read(bench: Bench) -> None:
    bench.measure(0.1, 0.2, **STARTS)
    assert (bench.standing(0).word, bench.standing(1).word) == ("fastest", "slower")
    assert bench.standing(1).ratio == pytest.approx(2, rel=0.05)
    assert {run.status for run in bench.runs.values()} == {Status.OK}
    assert bench.race.notes == ()


@pytest.mark.parametrize("restarts", [8, 9, 12])
def test_every_row_has_all_its_restarts_and_one_process_is_there_at_a_time(
    bench: Bench, restarts: int
) -> None:
    bench.measure(0.1, 0.2, 0.3, **{**STARTS, "restarts": restarts})
    assert bench.race.rounds == restarts
    for row in (0, 1, 2):
        assert [piece.restart for piece in bench.slices(row)] == list(range(restarts))
    assert [verb for _, verb, _ in bench.world.asked].count("pause") == 0
    opened = [row for row, verb, _ in bench.world.asked if verb == "open"]
    closed = [row for row, verb, _ in bench.world.asked if verb == "close"]
    assert opened == closed == bench.world.slices()


def test_the_order_is_drawn_and_mirrored(bench: Bench) -> None:
    bench.measure(0.1, 0.1, 0.1, 0.1, **STARTS)
    rows = bench.world.slices()
    rounds = [rows[place : place + 4] for place in range(0, len(rows), 4)]
    assert [second for _, second in zip(rounds[::2], rounds[1::2], strict=True)] == [
        first[::-1] for first in rounds[::2]
    ]
    assert all(sorted(one) == [0, 1, 2, 3] for one in rounds)
    assert len({tuple(one) for one in rounds[::2]}) > 1


def test_a_row_with_fewer_restarts_makes_no_more_than_these(bench: Bench) -> None:
    bench.measure(0.1, 0.1, **{**STARTS, "restarts": [12, 9]})
    assert [len(bench.slices(row)) for row in (0, 1)] == [12, 9]
    assert {run.status for run in bench.runs.values()} == {Status.OK}
    assert bench.race.pairs


@pytest.mark.parametrize(
    ("verb", "nth", "phase"),
    [
        ("open", 2, "loading"),
        ("observe", 2, "measuring"),
        ("facts", 2, "closing"),
        ("close", 2, "closing"),
    ],
)
def test_a_row_that_fails_leaves_with_its_reason_and_the_others_go_on(
    bench: Bench, verb: str, nth: int, phase: str
) -> None:
    bench.world.fails[1, verb, nth] = FAILED
    bench.measure(0.1, 0.1, 0.2, **STARTS)
    assert [bench.runs[row].status for row in (0, 1, 2)] == [Status.OK, Status.FAILED, Status.OK]
    reason = f"RuntimeError: on purpose (while {phase})"
    assert bench.runs[1].reason == reason
    assert bench.standing(1).left == f"failed: {reason}"
    assert bench.standing(1).rank is None
    assert (bench.standing(0).word, bench.standing(2).word) == ("fastest", "slower")
    assert bench.order[0] == 1
    assert len(bench.slices(1)) >= 1, "what it measured before is kept"


def test_where_all_rows_fail_no_more_restarts_are_told(bench: Bench) -> None:
    bench.world.fails |= {(row, "observe", 2): FAILED for row in (0, 1)}
    bench.measure(0.1, 0.1, **STARTS)
    assert {run.status for run in bench.runs.values()} == {Status.FAILED}
    assert bench.races == ()
    assert "restart 3 of 12 of each" not in bench.sheet.said


@pytest.mark.parametrize(
    ("error", "by"), [(KeyboardInterrupt(), "ctrl-C"), (Terminated(), "SIGTERM")]
)
def test_an_interruption_ends_all_rows_with_what_they_measured(
    bench: Bench, interrupted: Callable[..., None], error: BaseException, by: str
) -> None:
    bench.world.fails[1, "observe", 10] = error
    interrupted(0.1, 0.1, 0.3, **STARTS)
    for row in (0, 1, 2):
        assert bench.runs[row].status == Status.INTERRUPTED
        assert bench.runs[row].reason == f"{by}, while measuring"
        assert bench.measured(row) >= 9
        assert bench.runs[row].primary is not None


def test_an_interruption_between_restarts_says_which(
    bench: Bench, interrupted: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def news(progress: str) -> None:
        if progress.startswith("restart 3 "):
            raise KeyboardInterrupt

    monkeypatch.setattr(bench.sheet, "news", news)
    interrupted(0.1, 0.1, **STARTS)
    assert {run.reason for run in bench.runs.values()} == {"ctrl-C, while measuring restart 3"}
    assert [bench.measured(row) for row in (0, 1)] == [2, 2]


def test_an_interruption_while_a_row_is_kept_loses_no_other(
    bench: Bench, interrupted: Callable[..., None]
) -> None:
    bench.interrupts = {0}
    interrupted(0.1, 0.1, 0.1, **STARTS)
    assert [bench.runs[row].status for row in (1, 2)] == [Status.INTERRUPTED] * 2
    stored = json.loads((bench.folder.path / "0" / "run.json").read_text())
    assert stored["status"] == "ok"


@pytest.mark.usefixtures("looks_closer")
def test_an_interruption_of_a_closer_look_ends_the_sweep(
    bench: Bench, interrupted: Callable[..., None]
) -> None:
    bench.world.fails[0, "observe", 13] = KeyboardInterrupt()
    interrupted(0.1, 0.1, **STARTS)
    assert {run.status for run in bench.runs.values()} == {Status.INTERRUPTED}
    assert bench.runs[1].reason == "ctrl-C, while looking closer"
    assert [bench.measured(row) for row in (0, 1)] == [12, 12]


def test_a_fault_of_ours_fails_the_rows_and_ends_no_sweep(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> None:
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr("embprof.run.race.restarts.cost_of_restart", faulty)
    bench.measure(0.1, 0.1, **STARTS)
    for row in (0, 1):
        assert bench.runs[row].status == Status.FAILED
        assert str(bench.runs[row].reason).startswith("ZeroDivisionError: float division by zero")
    assert bench.races == ()


def test_a_disk_that_fails_ends_the_race(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("embprof.run.recorder.Recorder.keep", full)
    with pytest.raises(OSError, match="No space left"):
        bench.measure(0.1, 0.1, **STARTS)


def test_the_limit_of_a_row_holds_for_all_its_restarts_together(bench: Bench) -> None:
    """A restart takes 2.4 s, so the fifth is beyond eleven seconds."""
    bench.measure(2.0, 0.1, **STARTS, time_limit=11)
    assert bench.runs[0].status == Status.TIMEOUT
    assert bench.runs[0].reason == "not finished within time_limit=11 s, while measuring"
    assert len(bench.slices(0)) == 4
    assert bench.runs[0].seconds["total"] == pytest.approx(12, rel=0.02)
    assert bench.runs[1].status == Status.OK


def test_the_limit_of_a_row_counts_what_it_did_itself(bench: Bench) -> None:
    bench.measure(1.0, 1.0, 1.0, **STARTS, time_limit=20)
    assert bench.world.clock() > 45
    assert {run.status for run in bench.runs.values()} == {Status.OK}
    for row in (0, 1, 2):
        assert bench.runs[row].seconds["total"] == pytest.approx(12 * 1.4, rel=0.02)


@pytest.mark.usefixtures("looks_closer")
def test_a_closer_look_has_what_is_left_of_the_limit(bench: Bench) -> None:
    """Twelve restarts take 16.8 s, and a closer look 1.4 s more."""
    bench.measure(1.0, 1.0, **STARTS, time_limit=[18.0, 20.0])
    assert {run.status for run in bench.runs.values()} == {Status.OK}
    why = "none: not finished within time_limit=18 s, while looking closer"
    assert bench.runs[0].description["follow_up"] == why
    assert "follow_up" not in bench.runs[1].description
    assert bench.runs[1].seconds["total"] == pytest.approx(13 * 1.4, rel=0.02)


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_readings_that_are_no_costs_are_measured_and_not_compared(
    bench: Bench, value: float
) -> None:
    bench.world.name, bench.world.unit = "growth", "MB"
    bench.world.read = {0: 1.0, 1: value, 2: 2.0}
    bench.measure(0.1, 0.1, 0.1, **STARTS)
    assert {run.status for run in bench.runs.values()} == {Status.OK}
    assert [len(bench.slices(row)) for row in (0, 1, 2)] == [12, 12, 12]
    assert bench.races == ()
    note = "growth is not above zero throughout: rows cannot be compared in it"
    assert bench.sheet.said.count(note) == 1


def test_what_is_better_when_higher_is_compared_by_its_inverse(bench: Bench) -> None:
    bench.world.name, bench.world.unit, bench.world.better = "speed", "1/s", "higher"
    bench.world.read = {0: 100.0, 1: 80.0}
    bench.measure(0.1, 0.1, **STARTS)
    assert bench.standing(0).word == "fastest"
    assert bench.standing(1).ratio == pytest.approx(1.25)


@pytest.mark.parametrize(("summary", "ratio"), [("total", 3.0), ("largest", 1.0), ("last", 1.0)])
def test_a_restart_of_many_readings_is_compared_as_its_figure_is_made(
    bench: Bench, summary: Summary, ratio: float
) -> None:
    bench.world.name, bench.world.unit, bench.world.summary = "held", "MB", summary
    bench.world.read = {0: 5.0, 1: 5.0}
    bench.measure(0.1, 0.1, **{**STARTS, "iterations": [2, 6]})
    assert max(bench.standing(row).ratio or 0.0 for row in (0, 1)) == pytest.approx(ratio)
    figures = [bench.runs[row].primary for row in (0, 1)]
    values = [one.estimate.value for one in figures if one is not None and one.estimate is not None]
    assert values[1] / values[0] == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("restarts", "words"), [(1, "1 round is too few"), (3, "3 rounds are too few")]
)
def test_too_few_restarts_are_said_to_be_too_few(bench: Bench, restarts: int, words: str) -> None:
    bench.measure(0.1, 0.2, **{**STARTS, "restarts": restarts})
    assert bench.races == ()
    assert any(words in said for said in bench.sheet.said)

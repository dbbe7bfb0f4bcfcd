"""A row whose workers fail, and workers that ask for another start."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from embprof.errors import WorkerError
from embprof.interruptions import Terminated
from embprof.model import Samples, Status
from embprof.sampling.messages import WorkerSpec
from embprof.tracking.folder import read_slices

if TYPE_CHECKING:
    from tests.unit.run.gate.conftest import FakeWorker, Row

Ended = tuple[Status, str]
LOADING, CANARY_SECONDS = 0.4, 0.002
"""Of the workers of a restart pair, and of each reading of the canary."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            WorkerError(Status.FAILED, "RuntimeError: on purpose", "Traceback …"),
            (Status.FAILED, "arm B: RuntimeError: on purpose (while restart pair 3 of at most 24)"),
        ),
        (
            WorkerError(Status.TIMEOUT, "did not answer"),
            (Status.TIMEOUT, "arm B: did not answer (while restart pair 3 of at most 24)"),
        ),
        (
            KeyboardInterrupt(),
            (Status.INTERRUPTED, "ctrl-C, while restart pair 3 of at most 24"),
        ),
        (Terminated(), (Status.INTERRUPTED, "SIGTERM, while restart pair 3 of at most 24")),
        (
            ZeroDivisionError("a fault of ours"),
            (
                Status.FAILED,
                "ZeroDivisionError: a fault of ours (while restart pair 3 of at most 24)",
            ),
        ),
    ],
)
@pytest.mark.parametrize("verb", ["open", "observe", "facts", "close"])
def test_a_failure_ends_the_row_and_keeps_what_was_measured(
    row: Row, verb: str, error: BaseException, expected: Ended
) -> None:
    row.world.fails["b", 2, verb] = error
    trial = row.measure()
    assert (trial.ending.status, trial.ending.reason) == expected
    assert trial.look is None
    measured = {p.restart for p in read_slices(row.folders[0].path) if not p.warmup}
    assert {0, 1} <= measured <= {0, 1, 2}
    assert all(worker.gone for worker in row.world.started)
    for recorder in row.recorders:
        run = recorder.finish(trial.ending)
        assert run.status == expected[0]
        assert run.value("throughput_naps_per_s") is not None


def test_a_failure_says_which_arm_it_was_whoever_noticed(row: Row) -> None:
    nan = Samples(name="call_time", unit="s", better="lower", values=(math.nan,) * 20)
    for arm in ("a", "b"):
        row.world.odd = {(arm, 1): nan}
        row.world.started.clear()
        row.close()
        assert str(row.measure().ending.reason).startswith(f"arm {arm.upper()}: the measurement")


@pytest.mark.parametrize(
    "odd",
    [
        Samples(name="call_time", unit="s", better="lower", values=(0.0,) * 20),
        Samples(name="call_time", unit="s", better="lower", values=(-1.0,) * 20),
        Samples(name="call_time", unit="s", better="lower", values=(0.1,) * 20, items=(0,) * 20),
        Samples(name="texts", unit="1/s", better="higher", values=(0.0,) * 20),
    ],
)
def test_readings_that_are_no_costs_are_a_failure_in_words(row: Row, odd: Samples) -> None:
    row.world.odd["b", 0] = odd
    ending = row.measure().ending
    assert ending.status == Status.FAILED
    assert str(ending.reason).startswith(f"arm B: {odd.name} must be above zero")


def test_a_disk_that_is_full_is_no_fault_of_the_row(row: Row) -> None:
    row.world.fails["a", 1, "observe"] = OSError("No space left on device")
    with pytest.raises(OSError, match="No space left"):
        row.measure()
    assert all(worker.gone for worker in row.world.started)


def test_what_voids_a_row_ends_it_at_once(row: Row) -> None:
    trial = row.measure(void=lambda facts: "differ" if len(facts) == 2 else None)
    assert trial.void == "differ"
    assert len(trial.effects) == 1
    assert trial.ending.status == Status.OK


def test_facts_of_all_restarts_are_kept_by_arm(row: Row) -> None:
    seen: list[Mapping[str, AbstractSet[tuple[str, object]]]] = []

    def void(facts: Mapping[str, AbstractSet[tuple[str, object]]]) -> str | None:
        seen.append({arm: set(known) for arm, known in facts.items()})
        row.world.facts = dataclasses.replace(row.world.facts, code_sha256=f"{len(seen)}")
        return "enough" if len(seen) == 3 else None

    row.measure(void=void)
    codes = {value for name, value in seen[-1]["a"] if name == "code"}
    assert codes == {None, "1", "2"}
    assert ("torch", "2") in seen[0]["b"]
    assert ("python", "3.11") in seen[0]["b"]


@pytest.mark.parametrize(
    ("isolation", "fresh"),
    [("auto", False), ("fork", False), ("fresh", True), (("auto", "fresh"), True)],
)
def test_isolation_says_how_both_arms_start(
    row: Row, isolation: str | tuple[str, str], *, fresh: bool
) -> None:
    row.measure(isolation=isolation)
    assert {worker.spec.fresh for worker in row.world.started} == {fresh}


def test_a_measurement_that_needs_a_fresh_process_gets_one_in_every_restart(row: Row) -> None:
    trial = row.measure(measurement={"fresh": True})
    assert trial.ending.status == Status.OK
    assert len(trial.effects) == 13
    starts = [worker.spec.fresh for worker in row.world.started]
    assert starts == [False, False] + [True] * 26
    assert all(worker.gone for worker in row.world.started)


def test_fork_for_a_measurement_that_needs_a_fresh_process_is_a_failure(row: Row) -> None:
    ending = row.measure(measurement={"fresh": True}, isolation="fork").ending
    assert ending.status == Status.FAILED
    assert "isolation=fork: the measurement needs a fresh process" in str(ending.reason)


def test_imports_that_workers_had_to_do_are_done_once_and_the_pair_is_started_again(
    row: Row,
) -> None:
    row.world.learns = [True]
    trial = row.measure(of_arms=({}, {"executable": "/venv/bin/python"}))
    assert len(trial.effects) == 13
    assert len(row.world.started) == 28
    assert row.world.warmed[1:] == ["/venv/bin/python"]


def test_each_arm_has_its_interpreter_and_its_code(row: Row) -> None:
    arms = ({"commit": "c0de"}, {"executable": "/venv/bin/python"})
    row.measure(of_arms=arms, paths={"c0de": ("/tree/bench", "/tree")})
    by_arm = {worker.arm: worker.spec for worker in row.world.started}
    assert by_arm["a"].paths == ("/tree/bench", "/tree")
    assert by_arm["b"].paths == ()
    assert by_arm["b"].executable == "/venv/bin/python"
    assert by_arm["a"].executable != by_arm["b"].executable


def test_the_time_limit_is_that_of_a_restart_pair(row: Row) -> None:
    row.measure(time_limit=5.0, seconds=180.0)
    for worker in row.world.started:
        assert worker.deadlines[0] == pytest.approx(5.0, abs=LOADING)
        assert worker.deadlines[-1] < worker.deadlines[0]


def test_workers_are_gone_after_each_pair_and_two_run_at_most(row: Row) -> None:
    ordinary, alive = row.world.start, []

    def counting(spec: WorkerSpec) -> FakeWorker:
        alive.append(sum(not worker.gone for worker in row.world.started))
        return ordinary(spec)

    row.world.start = counting  # type: ignore[method-assign]
    row.measure()
    assert set(alive) == {0, 1}


def test_files_that_a_measurement_leaves_are_kept_with_each_restart(
    row: Row, tmp_path: Path
) -> None:
    (tmp_path / "profile.html").write_text("<html>")
    row.world.files = (tmp_path / "profile.html",)
    row.measure(void=lambda _: "enough")
    assert list(row.folders[1].path.rglob("profile*.html"))


def test_what_others_used_meanwhile_is_known_of_each_pair(row: Row) -> None:
    trial = row.measure()
    assert trial.others == [0.1] * 13
    assert len(trial.canary) == 13
    assert trial.canary[0][0][0] == (CANARY_SECONDS, CANARY_SECONDS)

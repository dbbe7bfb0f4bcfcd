"""Which rows of a sweep meet in rounds, and why the others do not."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from embprof.cli import main
from embprof.config.compose import compose
from embprof.config.races import Grouped, grouped, objective_problems, reason_against
from embprof.config.references import resolve
from embprof.model import Job

MakeJob = Callable[..., Job]
Sweep = Callable[..., Grouped]


@pytest.fixture
def sweep(job: MakeJob) -> Sweep:
    """The races of ``embprof -m OVERRIDES``."""

    def make(*overrides: str) -> Grouped:
        composition = compose(list(overrides), multirun=True)
        assert composition.problems == []
        return grouped(
            [job(number, config=resolve(one.config)) for number, one in enumerate(composition.jobs)]
        )

    return make


def numbers(found: Grouped) -> list[list[int]]:
    return [[job.number for job in race.jobs] for race in found.races]


def test_rows_of_the_same_task_meet(sweep: Sweep) -> None:
    found = sweep("batch_size=8,16,32")
    assert numbers(found) == [[0, 1, 2]]
    assert found.alone == {}
    assert found.race_of(1) == found.races[0]
    assert not found.races[0].is_of_restarts


def test_a_row_alone_is_in_no_race_and_needs_no_reason(sweep: Sweep) -> None:
    found = sweep("batch_size=8")
    assert (found.races, found.alone, found.race_of(0)) == ((), {}, None)


def test_rows_of_each_text_length_meet_each_other(sweep: Sweep) -> None:
    assert numbers(sweep("text_length=32,64", "batch_size=8,16")) == [[0, 1], [2, 3]]


@pytest.mark.parametrize("axis", ["text_length=32,64", "seed=0,1", "workload=nli,embedding"])
def test_rows_that_do_something_else_do_not_meet(sweep: Sweep, axis: str) -> None:
    found = sweep(axis)
    assert (found.races, found.alone) == ((), {})


@pytest.mark.parametrize("axis", ["verdict.theta=0.01,0.05", "race.bound=0.05,0.1"])
def test_rows_that_are_judged_otherwise_do_not_meet(sweep: Sweep, axis: str) -> None:
    assert numbers(sweep("batch_size=8,16", axis)) == [[0, 2], [1, 3]]


@pytest.mark.parametrize("axis", ["restarts=1,2", "iterations=null,20"])
def test_rows_that_end_otherwise_do_not_meet(sweep: Sweep, axis: str) -> None:
    assert sweep(axis).races == ()


def test_rows_of_other_numbers_of_iterations_meet(sweep: Sweep) -> None:
    assert numbers(sweep("iterations=20,40")) == [[0, 1]]


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        (("order=one_by_one",), "order=one_by_one"),
        (("measurement=memory",), "whole processes"),
        (("measurement=open_loop", "measurement.rate=10"), "gate"),
        (("doubling=true", "iterations=5", "restarts=2"), "twice the calls"),
    ],
)
def test_rows_that_cannot_meet_say_why(
    sweep: Sweep, override: tuple[str, ...], reason: str
) -> None:
    found = sweep("batch_size=8,16", *override)
    assert found.races == ()
    assert set(found.alone) == {0, 1}
    assert all(why for why in found.alone.values())
    if reason != "gate":
        assert reason in found.alone[0]


def test_rows_of_whole_processes_meet_with_restarts_enough(sweep: Sweep) -> None:
    (found,) = sweep("batch_size=8,16", "measurement=memory", "restarts=8").races
    assert found.is_of_restarts


def test_rows_that_meet_are_told_from_those_of_their_sweep_that_cannot(sweep: Sweep) -> None:
    found = sweep("batch_size=8,16", "order=rounds,one_by_one")
    assert numbers(found) == [[0, 2]]
    assert found.alone == {1: "order=one_by_one", 3: "order=one_by_one"}


def test_a_measurement_for_a_set_time_is_measured_by_itself(
    resolved_defaults: dict[str, Any],
) -> None:
    measurement = {**resolved_defaults["measurement"], "duration": 5}
    why = reason_against({**resolved_defaults, "measurement": measurement})
    assert why == "its measurement goes on for a set time"


def test_rows_that_ask_a_server_of_ours_do_not_share_it_in_rounds(sweep: Sweep) -> None:
    found = sweep("workload=vector_search", "batch_size=8,16")
    assert found.races == ()
    assert found.alone[0] == "it asks a server whose state its rows share"


def test_spinning_threads_are_stopped_on_linux_alone(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sweep("batch_size=8,16", "wait_policy=active").races
    monkeypatch.setattr(sys, "platform", "darwin")
    found = sweep("batch_size=8,16", "wait_policy=active")
    assert "would spin beside the others" in found.alone[0]


@pytest.mark.parametrize("objective", ["latency_p50_ms", "latency_p95_ms", "latency_p99_ms"])
def test_rows_can_be_compared_in_a_percentile(sweep: Sweep, objective: str) -> None:
    assert numbers(sweep("batch_size=8,16", f"race.objective={objective}")) == [[0, 1]]


def test_an_objective_that_rows_cannot_be_compared_in_is_a_wrong_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["plan", "-m", "batch_size=8,16", "race.objective=peak_rss_mb"]
    assert main(words) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "race.objective=peak_rss_mb: rows are compared in their first figure (null)" in said
    assert "latency_p50_ms, latency_p95_ms, latency_p99_ms" in said


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("memory", ["restarts=8"]),
        ("load_time", ["restarts=8"]),
        ("closed_loop", []),
        ("truncation_loss", []),
        ("parity", []),
    ],
)
def test_a_percentile_of_what_is_not_timed_call_by_call_is_one_wrong_request(
    capsys: pytest.CaptureFixture[str], name: str, more: list[str]
) -> None:
    objective = "race.objective=latency_p95_ms"
    words = ["plan", "-m", "batch_size=8,16", f"measurement={name}", objective, *more]
    assert main(words) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert said.count(objective) == 1
    assert f"{objective}: measurement={name} does not time each call by itself" in said


def test_a_measurement_that_tells_nothing_of_itself_may_time_calls(
    resolved_defaults: dict[str, Any],
) -> None:
    config = {
        **resolved_defaults,
        "measurement": {"_target_": "embprof.testing.Sleep"},
        "race": {**resolved_defaults["race"], "objective": "latency_p95_ms"},
    }
    assert list(objective_problems(config)) == []

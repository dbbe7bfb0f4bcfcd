"""Rows in rounds on a fake clock: who leaves when, and how much each was measured."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from embprof.errors import WorkerError
from embprof.model import Status
from embprof.run.parity_checks import Parity

if TYPE_CHECKING:
    from tests.unit.run.race.conftest import Bench

WARM = {"iterations": 3, "seconds": 0, "max_seconds": 1}
QUICK: dict[str, Any] = {"max_seconds": 20.0, "warmup": WARM}
OPEN = {"alpha": 0.01, "bound": 0.001, "objective": None, "max_seconds": None}
"""A race in which rows that differ by half a percent are never told apart, nor the same."""


def test_a_slower_row_leaves_early_and_its_time_goes_to_the_others(bench: Bench) -> None:
    bench.measure(0.10, 0.1005, 0.20, race=OPEN, **QUICK)
    assert bench.order[0] == 2
    assert bench.seconds(2) < 15
    assert min(bench.seconds(0), bench.seconds(1)) > 20
    assert bench.standing(2).word == "slower"
    assert "its place was known after round" in str(bench.standing(2).left)
    assert bench.runs[2].stop == "decided"


def test_all_are_measured_no_longer_than_they_would_be_by_themselves_together(
    bench: Bench,
) -> None:
    bench.measure(0.10, 0.1005, 0.1003, race=OPEN, max_seconds=10.0, warmup=WARM)
    spent = sum(bench.seconds(row) for row in (0, 1, 2))
    assert 28 < spent < 32
    assert bench.race.seconds == pytest.approx(spent)


def test_the_time_of_a_race_can_be_set_for_all_rows(bench: Bench) -> None:
    bench.measure(0.10, 0.1005, race={**OPEN, "max_seconds": 6.0}, warmup=WARM)
    assert 5.5 < bench.seconds(0) + bench.seconds(1) < 7
    assert {run.stop for run in bench.runs.values()} == {"max_seconds"}


def test_a_race_of_rows_that_differ_is_over_long_before_its_time(bench: Bench) -> None:
    bench.measure(0.1, 0.2, 0.3, **QUICK)
    assert sum(bench.seconds(row) for row in (0, 1, 2)) < 30
    assert [bench.standing(row).rank for row in (0, 1, 2)] == [1, 2, 3]


def test_slices_of_a_round_last_about_equally_long_and_rounds_are_mirrored(bench: Bench) -> None:
    bench.measure(0.02, 0.05, 0.021, **QUICK)
    for row in (0, 1, 2):
        assert all(0.15 < piece.seconds < 0.3 for piece in bench.slices(row))
    started = sorted((piece.started, row) for row in (0, 1, 2) for piece in bench.slices(row))
    rows = [row for _, row in started]
    for place in range(0, 18, 6):
        first, second = rows[place : place + 3], rows[place + 3 : place + 6]
        assert sorted(first) == [0, 1, 2]
        assert second == first[::-1]


def test_a_row_of_long_calls_sits_out_of_rounds_and_starves_nobody(bench: Bench) -> None:
    bench.measure(0.05, 0.051, 5.0, max_seconds=60.0, warmup=WARM)
    assert len(bench.slices(2)) * 3 < len(bench.slices(0))
    assert bench.standing(2).word == "slower"


def test_rows_whose_every_call_is_long_meet_in_every_round(bench: Bench) -> None:
    """Rounds that nobody is in would be counted, and decide when it is looked."""
    bench.measure(3.0, 3.015, race=OPEN, max_seconds=60.0, warmup=WARM)
    assert bench.race.rounds == len(bench.slices(0)) == len(bench.slices(1))


@pytest.mark.parametrize("seconds", [0.001, 0.005, 0.1, 1.0])
@pytest.mark.parametrize("warmup", [WARM, {"iterations": 0, "seconds": 0, "max_seconds": 1}])
def test_every_row_makes_exactly_its_iterations(
    bench: Bench, seconds: float, warmup: dict[str, float]
) -> None:
    calls = {0: 12, 1: 12, 2: 25}
    bench.measure(seconds, seconds, 2 * seconds, iterations=list(calls.values()), warmup=warmup)
    assert {row: bench.measured(row) for row in calls} == calls
    assert {run.stop for run in bench.runs.values()} == {"iterations"}


def test_iterations_are_dealt_out_evenly_over_the_same_rounds(bench: Bench) -> None:
    bench.measure(0.1, 0.15, iterations=24, warmup=WARM)
    assert len(bench.slices(0)) == len(bench.slices(1)) >= 6
    for row in (0, 1):
        calls = [len(piece.samples[0].values) for piece in bench.slices(row)]
        assert max(calls) - min(calls) <= 1
    assert bench.standing(1).word == "slower"


def test_the_time_of_iterations_is_bounded_where_that_is_asked_for(bench: Bench) -> None:
    bench.measure(0.1, 0.1, iterations=10_000, max_seconds=5.0, warmup=WARM)
    for row in (0, 1):
        assert 4.5 < bench.seconds(row) < 6.5
        assert bench.runs[row].stop == "max_seconds"


def test_a_target_that_takes_more_calls_keeps_its_row(bench: Bench) -> None:
    targets: list[dict[str, float]] = [{}, {"latency_p95_ms": 1000.0}]
    bench.measure(0.5, 1.0, targets=targets, max_seconds=100.0, warmup=WARM)
    assert bench.order[-1] == 1
    assert bench.measured(1) >= 72
    assert bench.measured(0) < 72
    (p95,) = (figure for figure in bench.runs[1].figures if figure.name == "latency_p95_ms")
    assert p95.estimate is not None


def test_a_target_adds_calls_to_iterations(bench: Bench) -> None:
    targets: list[dict[str, float]] = [{}, {"latency_p95_ms": 1000.0}]
    bench.measure(0.1, 0.1, targets=targets, iterations=20, max_seconds=30.0, warmup=WARM)
    assert bench.measured(0) == 20
    assert bench.measured(1) >= 72


@pytest.mark.parametrize("restarts", [2, 7])
def test_every_row_has_all_its_restarts(bench: Bench, restarts: int) -> None:
    bench.measure(0.1, 0.1, 0.2, restarts=restarts, max_seconds=14.0, warmup=WARM)
    for row in (0, 1, 2):
        assert {piece.restart for piece in bench.slices(row)} == set(range(restarts))
    assert len(bench.world.started) == 3 * restarts
    assert bench.standing(2).word == "slower"


def test_every_restart_makes_all_iterations(bench: Bench) -> None:
    bench.measure(0.1, 0.1, restarts=2, iterations=12, warmup=WARM)
    for row in (0, 1):
        made = [
            sum(len(p.samples[0].values) for p in bench.slices(row) if p.restart == restart)
            for restart in (0, 1)
        ]
        assert made == [12, 12]


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_readings_that_are_no_costs_are_measured_and_not_compared(
    bench: Bench, value: float
) -> None:
    bench.world.name, bench.world.unit = "growth", "MB"
    bench.world.read = {0: 1.0, 1: value, 2: 2.0}
    bench.measure(0.1, 0.1, 0.1, max_seconds=4.0, warmup=WARM)
    assert {run.status for run in bench.runs.values()} == {Status.OK}
    assert all(bench.seconds(row) >= 4 for row in (0, 1, 2))
    assert bench.races == ()
    assert "growth is not above zero throughout: rows cannot be compared in it" in bench.sheet.said


def test_every_restart_of_rows_that_are_not_compared_has_its_time(bench: Bench) -> None:
    bench.world.name, bench.world.unit = "growth", "MB"
    bench.world.read = {0: 0.0, 1: 0.0}
    bench.measure(0.1, 0.1, restarts=2, max_seconds=8.0, warmup=WARM)
    for row in (0, 1):
        for restart in (0, 1):
            mine = [p.seconds for p in bench.slices(row) if p.restart == restart]
            assert sum(mine) >= 3.5


def test_a_rate_is_compared_by_its_inverse(bench: Bench) -> None:
    bench.world.name, bench.world.unit, bench.world.better = "speed", "1/s", "higher"
    bench.world.read = {0: 100.0, 1: 80.0}
    bench.measure(0.1, 0.1, **QUICK)
    assert bench.standing(0).word == "fastest"
    assert bench.standing(1).ratio == pytest.approx(1.25)


def test_a_percentile_can_be_what_rows_are_compared_in(bench: Bench) -> None:
    race = {"alpha": 0.01, "bound": 0.05, "objective": "latency_p95_ms", "max_seconds": None}
    bench.measure(0.1, 0.12, race=race, **QUICK)
    assert bench.race.figure == "latency_p95_ms"
    assert bench.standing(1).ratio == pytest.approx(1.2, rel=0.02)


def test_rows_that_time_no_calls_are_not_compared_in_a_percentile_of_them(bench: Bench) -> None:
    bench.world.name = "round_time"
    bench.measure(0.1, 0.12, race={**OPEN, "objective": "latency_p95_ms"}, **QUICK)
    assert {run.status for run in bench.runs.values()} == {Status.OK}
    assert bench.races == ()
    note = "no call_time was read: rows cannot be compared in latency_p95_ms"
    assert note in bench.sheet.said


def test_a_worker_is_stopped_whenever_another_is_measured(bench: Bench) -> None:
    bench.measure(0.1, 0.1, 0.2, restarts=2, **QUICK)
    assert all(worker.spec.waits for worker in bench.world.started)
    assert [worker.waited_awake for worker in bench.world.started] == [0] * 6
    for before, after in pairwise(bench.world.asked):
        if before[1] == "observe":
            assert after == (before[0], "pause", None)


def test_a_measurement_that_needs_a_fresh_process_gets_one(bench: Bench) -> None:
    measurement = {"_target_": "acme.footprint.Footprint", "fresh": True}
    bench.measure(0.1, 0.2, measurement=measurement, **QUICK)
    assert [worker.spec.fresh for worker in bench.world.started] == [False, True] * 2
    assert bench.standing(1).word == "slower"


def test_the_limit_of_a_row_counts_what_it_did_itself(bench: Bench) -> None:
    bench.measure(0.1, 0.1005, 0.1003, race=OPEN, time_limit=25, **QUICK)
    assert bench.world.clock() > 50
    assert {run.status for run in bench.runs.values()} == {Status.OK}
    for row in (0, 1, 2):
        assert bench.runs[row].seconds["total"] < 25


def test_a_row_beyond_its_limit_leaves_with_the_reason(bench: Bench) -> None:
    late = WorkerError(Status.TIMEOUT, "did not answer to observe within the time limit")
    bench.world.fails[1, "observe", 6] = late
    bench.measure(0.1, 0.1, 0.2, time_limit=25, **QUICK)
    assert bench.runs[1].status == Status.TIMEOUT
    assert bench.runs[1].reason == "not finished within time_limit=25 s, while measuring"
    assert bench.standing(2).word == "slower"


def test_a_row_whose_answers_differ_is_measured_and_competes_with_nobody(bench: Bench) -> None:
    """The fastest of all, were it an alternative: others are compared as if it were not there."""
    bench.parity = {0: Parity(fault="it says something else")}
    bench.measure(0.05, 0.10, 0.20, **QUICK)
    assert bench.race.leader == "sweep/1"
    assert (bench.standing(0).word, bench.standing(0).rank) == (None, None)
    assert bench.standing(0).left == "it says something else"
    assert (bench.standing(1).rank, bench.standing(2).rank) == (1, 2)
    assert {bench.race.pairs[0].a, bench.race.pairs[0].b} == {"sweep/1", "sweep/2"}
    assert bench.seconds(0) > 1
    assert any("has no rank: it says something else" in line for line in bench.sheet.done_lines)


def test_where_no_row_competes_all_are_measured_and_none_is_compared(bench: Bench) -> None:
    bench.parity = {row: Parity(fault="other words") for row in (0, 1)}
    bench.measure(0.05, 0.10, race={**OPEN, "max_seconds": 6.0}, warmup=WARM)
    assert bench.races == ()
    assert min(bench.measured(0), bench.measured(1)) > 10
    assert not any("too few" in line for line in bench.sheet.said)

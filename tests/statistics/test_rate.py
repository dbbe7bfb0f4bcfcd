"""Rates and their intervals. Larger runs: docs/explanation/intervals.md."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.model import Estimate
from embprof.statistics.correlated_mean import MIN_READINGS
from embprof.statistics.rate import rate
from embprof.statistics.stopping import MIN_READINGS_TO_STOP, next_look

if TYPE_CHECKING:
    from tests.statistics.conftest import Noise

RUNS = 400  # binomial error of a coverage of 95 %: 1.1 points; the bounds leave room for three


def holds(estimate: Estimate | None, truth: float) -> bool:
    assert estimate is not None
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low <= truth <= estimate.high


def covers(readings: NDArray[np.float64]) -> bool:
    return holds(rate([np.ones(len(readings))], [readings]), 1.0)


def half_width(estimate: Estimate) -> float:
    assert estimate.half_width is not None
    return estimate.half_width


@pytest.mark.parametrize(
    ("n", "rho", "spikes"),
    [
        (10, 0.0, 0.0),
        (10, 0.35, 0.0),
        (30, 0.6, 0.0),
        (100, 0.2, 0.0),
        (100, 0.0, 0.05),
        (200, 0.6, 0.05),
        (1000, 0.35, 0.0),
    ],
)
def test_an_interval_of_one_process_covers_the_true_rate_19_times_in_20(
    noise: Noise, n: int, rho: float, spikes: float
) -> None:
    runs = noise(1, RUNS, n, rho=rho, spikes=spikes)
    assert 0.92 <= np.mean([covers(run) for run in runs]) <= 0.98


def test_ten_strongly_correlated_readings_are_not_covered_much_too_rarely(noise: Noise) -> None:
    assert np.mean([covers(run) for run in noise(2, RUNS, 10, rho=0.6)]) >= 0.9


def test_the_interval_still_covers_when_readings_stop_as_soon_as_it_is_narrow(noise: Noise) -> None:
    limit, stopped = 1000, list[tuple[bool, int]]()
    for run in noise(3, 300, limit, rho=0.2):
        n = next_look()
        while n < limit and half_width(rate([np.ones(n)], [run[:n]])) > 0.02:
            n = min(next_look(n), limit)
        stopped.append((covers(run[:n]), n))
    covered, lengths = np.mean(stopped, axis=0)
    assert covered >= 0.90
    assert lengths < limit / 2


def test_the_first_look_waits_and_each_next_one_waits_for_a_fifth_more_readings() -> None:
    assert next_look() == MIN_READINGS_TO_STOP
    assert next_look(7) == MIN_READINGS_TO_STOP
    assert next_look(100) == 120
    assert next_look(101) == 122


@pytest.mark.parametrize("restarts", [2, 3, 10])
def test_an_interval_over_restarts_covers_although_each_restart_has_its_own_speed(
    noise: Noise, restarts: int
) -> None:
    rng = np.random.default_rng(4)
    hits = 0
    for run in noise(5, RUNS * restarts, 20, rho=0.35).reshape(RUNS, restarts, 20):
        speeds = np.exp(rng.normal(0, 0.05, restarts))
        estimate = rate([np.ones(20)] * restarts, list(run * speeds[:, None]))
        hits += holds(estimate, math.exp(-(0.05**2) / 2))
    assert 0.925 <= hits / RUNS <= 0.98


def test_one_process_claims_too_much_when_restarts_differ(noise: Noise) -> None:
    speeds = np.exp(np.random.default_rng(6).normal(0, 0.05, 300))
    runs = noise(7, 300, 100) * speeds[:, None]
    assert np.mean([covers(run) for run in runs]) < 0.5


def test_the_value_is_total_items_over_total_seconds() -> None:
    estimate = rate([[32, 32], [21]], [[1.0, 3.0], [1.0]])
    assert estimate.value == pytest.approx(17.0)
    assert (estimate.n, estimate.basis) == (2, "2 restarts")
    assert holds(estimate, 17.0)
    assert half_width(estimate) > 0


def test_readings_of_one_process_are_counted_and_named() -> None:
    estimate = rate([[8] * 50], [list(np.linspace(0.9, 1.1, 50))])
    assert (estimate.n, estimate.basis) == (50, "readings of one process")
    assert estimate.confidence == 0.95


def test_items_that_vary_with_the_seconds_are_no_noise() -> None:
    items = np.arange(10, 60, dtype=float)
    assert rate([items], [items / 100]).half_width == pytest.approx(0.0, abs=1e-9)


def test_too_few_readings_carry_no_interval_and_say_so() -> None:
    estimate = rate([[1] * (MIN_READINGS - 1)], [[0.5] * (MIN_READINGS - 1)])
    assert (estimate.value, estimate.low, estimate.high) == (2.0, None, None)
    assert estimate.basis == f"too few readings (n<{MIN_READINGS})"


def test_equal_readings_leave_no_doubt() -> None:
    estimate = rate([[1] * 20], [[0.1] * 20])
    assert estimate.low == estimate.high == estimate.value


@pytest.mark.parametrize(
    ("items", "seconds", "message"),
    [
        ([], [], "no restarts"),
        ([[1]], [[1.0], [1.0]], "1 restarts, seconds has 2"),
        ([[1], []], [[1.0], []], "restart 2 has no readings"),
        ([[1, 1]], [[1.0]], "do not match"),
        ([[1, 1]], [[1.0, 0.0]], "seconds must be finite and above zero"),
        ([[1, 1]], [[1.0, math.nan]], "seconds must be finite and above zero"),
        ([[1, -1]], [[1.0, 1.0]], "items must be finite and above zero"),
    ],
)
def test_input_that_is_no_measurement_is_refused(
    items: list[list[float]], seconds: list[list[float]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        rate(items, seconds)

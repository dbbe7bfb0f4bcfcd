"""Trend of the warm-up and drift of the run: false alarms and power. Larger runs: docstrings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.statistics.trend import drifts, has_trend

if TYPE_CHECKING:
    from tests.statistics.conftest import Noise

RUNS = 400


Test = Callable[[Sequence[float] | NDArray[np.float64]], bool]


def alarms(
    test: Test, runs: NDArray[np.float64], shape: NDArray[np.float64] | float = 1.0
) -> float:
    return float(np.mean([test(run) for run in runs * shape]))


@pytest.mark.parametrize("n", [6, 10, 20, 100])
@pytest.mark.parametrize(("rho", "spikes"), [(0.0, 0.0), (0.35, 0.0), (0.35, 0.05)])
def test_steady_warm_up_readings_rarely_look_like_a_trend(
    noise: Noise, n: int, rho: float, spikes: float
) -> None:
    assert alarms(has_trend, noise(1, RUNS, n, rho=rho, spikes=spikes)) <= 0.1


@pytest.mark.parametrize(("n", "power"), [(10, 0.7), (15, 0.9), (50, 0.99)])
@pytest.mark.parametrize("kind", ["linear", "exponential"])
def test_a_warm_up_that_still_gets_faster_is_seen_through_small_noise(
    noise: Noise, n: int, power: float, kind: str
) -> None:
    t = np.linspace(0, 1, n)
    shape = 1.1 - 0.1 * t if kind == "linear" else 1 + 0.2 * np.exp(-3 * t)
    assert alarms(has_trend, noise(2, RUNS, n, rho=0.25, sd=0.02), shape) >= power


def test_a_trend_too_small_to_matter_is_none() -> None:
    assert not has_trend(np.linspace(1.0, 1.015, 50))
    assert has_trend(np.linspace(1.0, 1.03, 50))


def test_fewer_than_four_warm_up_readings_cannot_tell_yet() -> None:
    assert has_trend([1.0, 1.0, 1.0])
    assert not has_trend([1.0, 1.0, 1.0, 1.0])


@pytest.mark.parametrize("values", [[1.3, 1.2, 1.1, 1.0], [1.0, 1.1, 1.2, 1.3, 1.4]])
def test_four_or_five_readings_in_perfect_order_have_a_trend(values: list[float]) -> None:
    assert has_trend(values)
    assert not has_trend([values[1], values[0], *values[2:]])


@pytest.mark.parametrize("n", [20, 100, 500])
@pytest.mark.parametrize(("rho", "spikes"), [(0.0, 0.0), (0.6, 0.0), (0.35, 0.05)])
def test_a_steady_run_is_hardly_ever_said_to_drift(
    noise: Noise, n: int, rho: float, spikes: float
) -> None:
    # 2 % of 400 runs, and three binomial errors
    assert alarms(drifts, noise(3, RUNS, n, rho=rho, spikes=spikes)) <= 0.02 + 0.021


@pytest.mark.parametrize(("n", "sd"), [(50, 0.02), (100, 0.05), (500, 0.1)])
def test_a_run_that_slows_by_a_quarter_drifts(noise: Noise, n: int, sd: float) -> None:
    assert alarms(drifts, noise(4, RUNS, n, rho=0.25, sd=sd), np.linspace(1, 1.25, n)) >= 0.9


def test_a_drift_too_small_to_matter_is_none() -> None:
    assert not drifts(np.linspace(1.0, 1.04, 200))
    assert drifts(np.linspace(1.0, 1.08, 200))


def test_a_single_spike_is_no_drift_and_few_readings_show_none() -> None:
    assert not drifts([1.0] * 199 + [50.0])
    assert not drifts(np.linspace(1, 2, 15))


@pytest.mark.parametrize("test", [has_trend, drifts])
@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, -1.0])
def test_readings_that_are_no_measurement_are_refused(test: Test, bad: float) -> None:
    with pytest.raises(ValueError, match="finite and above zero"):
        test([1.0, 1.0, bad, 1.0])

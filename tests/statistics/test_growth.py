"""Growth of memory over time: coverage of its interval, and what counts as slowing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from embprof.measurements.memory.growth import growth, is_slowing, why_not

if TYPE_CHECKING:
    from tests.statistics.conftest import Noise

RUNS = 400
SLOPE = 2.0
"""MB a minute, in noise of 3 MB."""


@pytest.mark.parametrize(("n", "seconds"), [(60, 120), (120, 120), (600, 1800)])
@pytest.mark.parametrize("rho", [0.0, 0.3])
def test_the_interval_covers_the_true_growth(
    noise: Noise, n: int, seconds: float, rho: float
) -> None:
    t = np.linspace(0, seconds, n)
    found = [
        growth(t, 700 + SLOPE * t / 60 + 3 * (run - 1))
        for run in noise(3, RUNS, n, rho=rho, sd=1.0)
    ]
    covered = np.mean([bool(one.low <= SLOPE <= one.high) for one in found])  # type: ignore[operator]
    assert covered >= 0.92


def test_growth_of_the_first_half_is_left_out() -> None:
    t = np.linspace(0, 200, 200)
    filled = np.minimum(t, 90)
    assert growth(t, 500 + filled).value == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("rho", [0.0, 0.3])
def test_steady_growth_is_rarely_called_slowing(noise: Noise, rho: float) -> None:
    t = np.linspace(0, 120, 120)
    called = [
        is_slowing(t, 700 + 10 * t / 60 + (run - 1)) for run in noise(4, RUNS, 120, rho=rho, sd=1.0)
    ]
    assert np.mean(called) <= 0.05


def test_a_fill_that_nears_its_end_is_slowing(noise: Noise) -> None:
    t = np.linspace(0, 120, 100)
    fill = 50 * (1 - np.exp(-t / 50))
    called = [is_slowing(t, 700 + fill + 0.5 * (run - 1)) for run in noise(5, 200, 100, sd=1.0)]
    assert np.mean(called) >= 0.8


def test_too_few_readings_or_too_short_a_time_say_nothing() -> None:
    assert why_not(np.linspace(0, 300, 15).tolist()) == "n<16"
    assert why_not(np.linspace(0, 99, 50).tolist()) == "<100 s"
    assert why_not(np.linspace(0, 100, 16).tolist()) is None
    with pytest.raises(ValueError, match="n<16"):
        growth([0.0], [1.0])

"""Percentiles and the order statistics that bound them."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import quantile_test

from embprof.model import Estimate
from embprof.statistics.percentiles import percentile, smallest_sample

if TYPE_CHECKING:
    from tests.statistics.conftest import Noise


def holds(estimate: Estimate | None, truth: float) -> bool:
    assert estimate is not None
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low <= truth <= estimate.high


@pytest.mark.parametrize(("q", "n"), [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368), (0.05, 72)])
def test_the_smallest_sample_is_the_first_that_can_bound_the_quantile(q: float, n: int) -> None:
    assert smallest_sample(q) == n
    assert percentile(np.arange(1.0, n), q) is None
    assert percentile(np.arange(1.0, n + 1), q) is not None


@pytest.mark.parametrize("q", [0.05, 0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("extra", [0, 1, 7, 100, 1000])
def test_the_interval_of_independent_readings_is_that_of_scipy(q: float, extra: int) -> None:
    values = np.random.default_rng(extra).lognormal(size=smallest_sample(q) + extra)
    estimate = percentile(values, q, correlated=False)
    expected = quantile_test(values, q=0, p=q).confidence_interval(0.95)
    assert estimate is not None
    assert (estimate.low, estimate.high) == (expected.low, expected.high)


@pytest.mark.parametrize(
    ("q", "n", "rho"), [(0.5, 20, 0.35), (0.5, 200, 0.35), (0.95, 200, 0.2), (0.99, 500, 0.35)]
)
def test_the_interval_covers_the_true_quantile_of_correlated_readings(
    noise: Noise, q: float, n: int, rho: float
) -> None:
    truth = 1 + 0.1 / np.sqrt(1 - rho**2) * NormalDist().inv_cdf(q)
    estimates = [percentile(run, q) for run in noise(1, 400, n, rho=rho)]
    assert np.mean([holds(e, truth) for e in estimates]) >= 0.915


def test_taking_correlated_readings_for_independent_ones_covers_too_rarely(noise: Noise) -> None:
    runs = noise(2, 400, 200, rho=0.35)
    estimates = [percentile(run, 0.5, correlated=False) for run in runs]
    assert np.mean([holds(e, 1.0) for e in estimates]) < 0.92


def test_the_value_is_the_linear_quantile_and_lies_in_its_interval() -> None:
    estimate = percentile(list(range(101)), 0.95)
    assert estimate is not None
    assert estimate.value == pytest.approx(95.0)
    assert holds(estimate, estimate.value)
    assert estimate.n == 101


def test_equal_readings_have_an_interval_of_no_width() -> None:
    estimate = percentile([0.2] * 80, 0.95)
    assert estimate is not None
    assert estimate.low == estimate.high == estimate.value == 0.2


@pytest.mark.parametrize(
    ("values", "q", "message"),
    [([1.0, np.inf], 0.5, "finite"), ([1.0], 0.0, "quantile"), ([1.0], 95, "quantile")],
)
def test_what_has_no_percentile_is_refused(values: list[float], q: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        percentile(values, q)


def test_no_readings_have_no_percentile() -> None:
    assert percentile([], 0.5) is None

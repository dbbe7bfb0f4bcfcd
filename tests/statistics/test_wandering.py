"""Intervals of response times: queues of known mean, percentiles and shares are covered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from embprof.statistics import percentiles, rate, wandering

if TYPE_CHECKING:
    from tests.statistics.conftest import Queue

TRIALS = 200
LOADS = [(0.3, 600), (0.5, 600), (0.7, 1000), (0.8, 3000)]


@pytest.mark.parametrize(("load", "n"), LOADS)
def test_the_mean_response_time_of_a_queue_is_covered(queue: Queue, load: float, n: int) -> None:
    rng = np.random.default_rng(1)
    true = 1 / (1 - load)
    held = 0
    for _ in range(TRIALS):
        found = wandering.mean(queue(rng, load, n))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= true <= found.high
    assert held / TRIALS >= 0.84


def test_the_interval_of_a_mean_of_neighbours_would_not_do(queue: Queue) -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(TRIALS):
        found = rate.rate([queue(rng, 0.9, 3000)], [np.ones(3000)])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 10 <= found.high
    assert held / TRIALS < 0.7, "or this file is not needed"


@pytest.mark.parametrize(("load", "n"), LOADS)
def test_a_percentile_is_covered_or_has_no_interval(queue: Queue, load: float, n: int) -> None:
    rng = np.random.default_rng(2)
    true = -math.log(0.05) / (1 - load)  # of M/M/1: P(T > t) = exp(-(1 - load) t)
    held = 0
    for _ in range(TRIALS):
        found = wandering.percentile(queue(rng, load, n), 0.95)
        assert found is not None
        held += found.low is None or found.high is None or found.low <= true <= found.high
    assert held / TRIALS >= 0.88


@pytest.mark.parametrize(("load", "n"), [*LOADS, (0.9, 3000)])
@pytest.mark.parametrize("true", [0.95, 0.99])
def test_the_share_of_good_calls_is_covered_and_hardly_ever_too_good(
    queue: Queue, load: float, n: int, true: float
) -> None:
    rng = np.random.default_rng(3)
    target = -math.log(1 - true) / (1 - load)
    held = too_good = 0
    for _ in range(TRIALS):
        responses = queue(rng, load, n)
        found = wandering.share(responses <= target, responses)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= true <= found.high
        too_good += found.low > true
    assert held / TRIALS >= 0.85
    assert too_good / TRIALS <= 0.09


def test_independent_readings_are_worth_what_they_are() -> None:
    rng = np.random.default_rng(4)
    found = wandering.share(np.ones(1000, dtype=bool), rng.exponential(1.0, 1000))
    assert found.low is not None
    assert 0.98 < found.low < 0.999
    assert found.high == 1.0


def test_few_readings_have_no_interval() -> None:
    found = wandering.mean([1.0, 2.0, 3.0])
    assert (found.value, found.low, found.high) == (2.0, None, None)
    assert wandering.percentile([1.0] * 71, 0.95) is None


def test_readings_that_are_all_alike_have_no_interval_either() -> None:
    assert wandering.mean([1.0] * 100).low is None
    found = wandering.percentile([1.0] * 100, 0.5)
    assert found is not None
    assert found.value == 1.0


def test_a_percentile_among_calls_that_failed_is_infinite() -> None:
    found = wandering.percentile([*[1.0] * 90, *[math.inf] * 10], 0.95)
    assert found is not None
    assert math.isinf(found.value)
    assert found.low is None


def test_values_are_those_of_numpy() -> None:
    readings = np.random.default_rng(5).exponential(1.0, 400)
    for q in percentiles_of_interest():
        found = wandering.percentile(readings, q)
        assert found is not None
        assert found.value == pytest.approx(np.quantile(readings, q))
    assert wandering.mean(readings).value == pytest.approx(readings.mean())


def percentiles_of_interest() -> list[float]:
    return [q for q in (0.5, 0.95, 0.99) if percentiles.smallest_sample(q) <= 400]


@pytest.mark.parametrize("function", [wandering.mean, lambda none: wandering.share(none, none)])
def test_nothing_has_no_figure(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="at least"):
        function([])

"""The ratio of two estimates: its interval covers, stays lopsided, and grows with noise."""

import math

import numpy as np
import pytest

from embprof.model import Estimate
from embprof.statistics.rate import rate
from embprof.statistics.ratio import ratio

TRIALS = 600
CONFIDENCES = (0.95, 0.99)


def _estimate(value: float, low: float | None, high: float | None) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=10, basis="test")


@pytest.mark.parametrize("confidence", CONFIDENCES)
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_it_covers_the_true_ratio_as_often_as_it_says(noise: float, confidence: float) -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(TRIALS):
        slow, fast = (
            rate([[10.0] * 60], [scale * np.exp(rng.normal(0, 0.1, 60))]) for scale in (2.0, 1.0)
        )
        shift = math.exp(rng.normal(0, noise)) if noise else 1.0
        moved = _estimate(fast.value * shift, (fast.low or 0) * shift, (fast.high or 0) * shift)
        found = ratio(slow, moved, noise=noise, confidence=confidence)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 2.0 <= found.high
    assert confidence - 0.025 <= covered / TRIALS <= min(1.0, confidence + 0.02)


def test_swapping_the_two_inverts_it() -> None:
    a, b = _estimate(100.0, 90.0, 120.0), _estimate(150.0, 149.0, 160.0)
    there, back = ratio(a, b), ratio(b, a)
    assert there is not None
    assert back is not None
    assert there.value == pytest.approx(1 / back.value)
    assert there.low == pytest.approx(1 / (back.high or 0.0))
    assert there.high == pytest.approx(1 / (back.low or 0.0))


def test_a_lopsided_interval_stays_lopsided() -> None:
    found = ratio(_estimate(1.0, 1.0, 1.0), _estimate(2.0, 1.9, 4.0))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((1.9, 4.0))


def test_noise_is_added_in_quadrature() -> None:
    exact = _estimate(1.0, 1.0, 1.0)
    found = ratio(exact, exact, noise=0.1)
    assert found is not None
    assert found.high == pytest.approx(math.exp(1.959964 * 0.1))


@pytest.mark.parametrize("low", [None, 0.0, -1.0])
def test_without_an_interval_above_zero_there_is_none(low: float | None) -> None:
    found = ratio(_estimate(1.0, low, 2.0), _estimate(2.0, 1.0, 3.0))
    assert found is not None
    assert (found.value, found.low, found.high) == (2.0, None, None)


@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
def test_of_such_values_there_is_no_ratio(value: float) -> None:
    assert ratio(_estimate(value, None, None), _estimate(1.0, None, None)) is None


def test_nonsense_is_refused() -> None:
    one = _estimate(1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="noise"):
        ratio(one, one, noise=-1.0)
    with pytest.raises(ValueError, match="confidence"):
        ratio(one, one, confidence=1.0)

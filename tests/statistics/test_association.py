"""Correlation and elasticity over a few chosen values."""

import numpy as np
import pytest

from embprof.statistics.association import elasticity, pearson

LENGTHS = (10, 50, 100, 256, 512, 1024)
TRIALS = 600


def test_a_power_law_has_its_exponent_and_no_doubt() -> None:
    found = elasticity(LENGTHS, [1e4 * length**-0.7 for length in LENGTHS])
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((-0.7, -0.7, -0.7))


def test_the_interval_of_a_noisy_power_law_covers() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(TRIALS):
        rates = [length**-0.7 * float(np.exp(rng.normal(0, 0.1))) for length in LENGTHS]
        found = elasticity(LENGTHS, rates)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= -0.7 <= found.high
    assert 0.925 <= covered / TRIALS <= 0.975


def test_a_bend_is_in_the_interval() -> None:
    straight = elasticity(LENGTHS, [length**-0.7 for length in LENGTHS])
    bent = elasticity(LENGTHS, [1 / (100 + length) for length in LENGTHS])
    assert straight is not None
    assert bent is not None
    assert (bent.high or 0) - (bent.low or 0) > 0.3


def test_the_units_of_neither_matter() -> None:
    rates = [900, 800, 500, 300, 150, 90]
    a = elasticity(LENGTHS, rates)
    b = elasticity([4 * length for length in LENGTHS], [1e-3 * rate for rate in rates])
    assert a is not None
    assert b is not None
    assert (a.value, a.low) == pytest.approx((b.value, b.low))


def test_two_points_leave_nothing_to_judge_a_line_by() -> None:
    assert elasticity([1, 2], [1, 2]) is None
    assert elasticity([1, 1, 2], [1, 1, 2]) is None
    assert pearson([1, 2], [1, 2]) is None
    assert pearson([1, 1, 1], [1, 2, 3]) is None


def test_pearson_is_the_usual_coefficient() -> None:
    assert pearson([1, 2, 3], [3, 2, 1]) == pytest.approx(-1.0)
    assert pearson(LENGTHS, [1219, 1000, 800, 450, 250, 132]) == pytest.approx(-0.8715, abs=1e-4)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        elasticity([0, 1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="2 of y"):
        elasticity([1, 2, 3], [1, 2])

"""Intervals of mean shares: coverage where few units lose anything, and what is refused."""

import numpy as np
import pytest

from embprof.statistics.independent import share
from embprof.statistics.shares import mean_share

RUNS = 500
PARTS = 10


def beta_binomial(
    rng: np.random.Generator, units: int, mean: float, correlation: float
) -> list[float]:
    """Shares of ten parts that go together within a unit."""
    size = 1 / correlation - 1
    chances = rng.beta(mean * size, (1 - mean) * size, units)
    return [float(hits) / PARTS for hits in rng.binomial(PARTS, chances)]


@pytest.mark.parametrize("units", [100, 200])
@pytest.mark.parametrize("correlation", [0.05, 0.5])
@pytest.mark.parametrize("mean", [0.6, 0.95, 0.985, 0.998])
def test_intervals_cover_the_mean_as_often_as_they_say(
    units: int, correlation: float, mean: float
) -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(RUNS):
        found = mean_share(beta_binomial(rng, units, mean, correlation), PARTS, units="queries")
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= mean <= found.high
    assert covered / RUNS >= 0.935


def test_units_that_lose_little_have_narrow_intervals() -> None:
    values = [1.0] * 195 + [0.9] * 5
    found = mean_share(values, PARTS, units="queries")
    assert found.value == pytest.approx(0.9975)
    assert found.low is not None
    assert found.low > 0.99
    assert found.basis == "200 queries"


def test_of_units_that_hit_or_miss_it_is_that_of_a_share() -> None:
    values = [1.0] * 180 + [0.0] * 20
    found, plain = mean_share(values, 1, units="queries"), share(180, 200, units="queries")
    assert found == plain


def test_of_units_that_lose_all_or_nothing_it_is_hardly_wider() -> None:
    values = [1.0] * 180 + [0.0] * 20
    found, plain = mean_share(values, PARTS, units="queries"), share(180, 200, units="queries")
    assert found.low == pytest.approx(plain.low, abs=0.01)
    assert found.high == pytest.approx(plain.high, abs=0.01)


def test_without_any_loss_it_is_that_of_units_without_loss() -> None:
    found, plain = mean_share([1.0] * 200, PARTS, units="q"), share(200, 200, units="q")
    assert (found.low, found.high) == (plain.low, 1.0)
    nothing = mean_share([0.0] * 200, PARTS, units="q")
    assert nothing.low == 0.0
    assert nothing.high == pytest.approx(1 - (plain.low or 0))


def test_equal_losses_everywhere_are_no_more_than_all_parts_can_tell() -> None:
    found = mean_share([0.9] * 100, PARTS, units="queries")
    plain = share(900, 1000, units="parts")
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


@pytest.mark.parametrize("values", [[], [1.1], [-0.1, 0.5]])
def test_what_are_no_shares_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="need shares"):
        mean_share(values, PARTS, units="queries")

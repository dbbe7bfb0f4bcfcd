"""Coverage of the intervals of texts, most of which lose nothing."""

import numpy as np
import pytest

from embprof.statistics.independent import FEWEST_DIFFERENT, mean, ratio, share

UNITS = "texts"
TRIALS = 600


@pytest.mark.parametrize(("n", "cut"), [(100, 0.2), (420, 0.05), (420, 0.6), (1000, 0.02)])
def test_the_mean_of_mostly_untouched_texts_is_covered(n: int, cut: float) -> None:
    rng = np.random.default_rng(n)
    true = 1 - cut * 1.2 / (1.2 + 3)
    held = 0
    for _ in range(TRIALS):
        is_cut = rng.random(n) < cut
        cosines = np.where(is_cut, 1 - rng.beta(1.2, 3, n), 1.0)
        found = mean(cosines, units=UNITS)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= true <= found.high
    assert 0.93 <= held / TRIALS <= 0.99


def test_a_ratio_of_totals_is_covered() -> None:
    rng = np.random.default_rng(0)
    population = rng.lognormal(3.7, 0.6, 1_000_000)
    true = np.minimum(population, 64).sum() / population.sum()
    held = 0
    for _ in range(TRIALS):
        tokens = rng.choice(population, 400)
        found = ratio(np.minimum(tokens, 64), tokens, units=UNITS)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= true <= found.high
    assert 0.93 <= held / TRIALS <= 0.97


@pytest.mark.parametrize(("n", "true"), [(104, 0.05), (420, 0.01), (420, 0.3), (1000, 0.004)])
def test_a_share_is_covered(n: int, true: float) -> None:
    rng = np.random.default_rng(n)
    held = 0
    for hits in rng.binomial(n, true, 4000):
        found = share(int(hits), n, units=UNITS)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= true <= found.high
    assert 0.92 <= held / 4000 <= 0.99, "Wilson's interval oscillates with n p"


def test_no_hits_at_all_still_bound_the_share() -> None:
    found = share(0, 100, units=UNITS)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(0.037, abs=5e-4)
    every = share(100, 100, units=UNITS)
    assert (every.value, every.high) == (1.0, 1.0)
    assert every.low == pytest.approx(0.963, abs=5e-4)


@pytest.mark.parametrize("different", [0, 1, FEWEST_DIFFERENT - 1])
def test_few_texts_that_differ_support_no_interval(different: int) -> None:
    values = [0.5] * different + [1.0] * 95
    found = mean(values, units=UNITS)
    assert (found.low, found.high) == (None, None)
    assert found.value == pytest.approx(sum(values) / len(values))
    assert f"of which {different} differ" in found.basis


def test_an_interval_holds_its_value_and_names_its_units() -> None:
    found = mean([0.9, 0.8, 0.7, 0.95, 0.6, 1.0, 1.0], units=UNITS)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert (found.n, found.basis) == (7, "7 texts")


@pytest.mark.parametrize(
    ("parts", "wholes"), [([], []), ([1.0], [1.0, 2.0]), ([1.0, 1.0], [1.0, 0.0])]
)
def test_a_ratio_of_nothing_is_refused(parts: list[float], wholes: list[float]) -> None:
    with pytest.raises(ValueError, match="need a whole above zero"):
        ratio(parts, wholes, units=UNITS)


@pytest.mark.parametrize(("hits", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_a_share_of_nothing_is_refused(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="among"):
        share(hits, n, units=UNITS)

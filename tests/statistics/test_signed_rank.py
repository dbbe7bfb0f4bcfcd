"""The exact signed-rank test and its interval."""

import numpy as np
import pytest
from scipy.stats import wilcoxon

from embprof.statistics.signed_rank import interval, one_sided_p, signed_rank_cdf, walsh_averages


@pytest.mark.parametrize("n", [1, 5, 12, 40])
def test_p_values_are_those_of_scipys_exact_test(n: int) -> None:
    effects = np.random.default_rng(n).normal(0.2, 1, n)
    walsh = walsh_averages(effects)
    for null in (0.0, 0.3, -1.0):
        expected = wilcoxon(effects - null, alternative="greater", method="exact").pvalue
        assert one_sided_p(walsh, n, null) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("level", "fewest"), [(0.05, 6), (0.01, 8), (0.001, 11)])
def test_with_too_few_pairs_there_is_no_interval(level: float, fewest: int) -> None:
    effects = np.random.default_rng(1).normal(size=fewest)
    assert interval(walsh_averages(effects[1:]), fewest - 1, level) is None
    assert interval(walsh_averages(effects), fewest, level) == (effects.min(), effects.max())


@pytest.mark.parametrize("n", [8, 13, 24])
def test_the_interval_holds_exactly_what_the_test_does_not_reject(n: int) -> None:
    walsh = walsh_averages(np.random.default_rng(n).normal(size=n))
    ends = interval(walsh, n, 0.05)
    assert ends is not None
    assert one_sided_p(walsh, n, ends[0] - 1e-9) <= 0.025 < one_sided_p(walsh, n, ends[0])
    assert one_sided_p(-walsh[::-1], n, -ends[1] - 1e-9) <= 0.025


@pytest.mark.parametrize("n", [8, 12, 24])
def test_its_interval_covers_under_heavy_tails(n: int) -> None:
    draws = np.random.default_rng(2).standard_t(2, (1000, n))
    found = [interval(walsh_averages(draw), n, 0.05) for draw in draws]
    covered = np.mean([ends is not None and ends[0] <= 0 <= ends[1] for ends in found])
    assert 0.935 <= covered <= 0.985


def test_many_pairs_still_have_a_distribution() -> None:
    cdf = signed_rank_cdf(200)
    assert cdf[-1] == pytest.approx(1)
    assert cdf[cdf.size // 2] == pytest.approx(0.5, abs=0.01)

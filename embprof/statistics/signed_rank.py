"""The sign-flip test that needs no luck: exact p-values and intervals from signed ranks.

If the arms are alike, each restart pair's effect might as well have had the other sign. Wilcoxon's
signed ranks turn that into a test whose null distribution is known exactly for any number of pairs
(no Monte Carlo, no seed), which one wild pair cannot sway, and whose interval is the test turned
round: it runs between two Walsh averages, the means of two effects each (Hollander, Wolfe and
Chicken 2014, section 3.1-3.4). The estimate is their median (Hodges and Lehmann 1963).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


def fewest_units(level: float) -> int:
    """Units without which signs alone, whose least p-value is 2^(1 - n), cannot reject; two-sided.

    Units are pairs of restarts in a gate, rounds in a race.
    """
    count = 1
    while 2.0 ** (1 - count) > level:
        count += 1
    return count


def walsh_averages(effects: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of all pairs of effects, each with itself too, rising. Shape: (n (n + 1) / 2,)."""
    i, j = np.triu_indices(effects.size)
    return np.sort((effects[i] + effects[j]) / 2)


@lru_cache(maxsize=256)
def signed_rank_cdf(n: int) -> NDArray[np.float64]:
    """P(W <= w), w = 0 ... n (n + 1) / 2, W the sum of those of 1 ... n whose coin shows heads."""
    chances = np.ones(1)
    for rank in range(1, n + 1):
        longer = np.zeros(chances.size + rank)
        longer[: chances.size] += chances / 2
        longer[rank:] += chances / 2
        chances = longer
    cdf = np.cumsum(chances)
    cdf.setflags(write=False)  # shared by all callers
    return cdf


def one_sided_p(walsh: NDArray[np.float64], n: int, null: float) -> float:
    """The p-value of "the effect is at most ``null``" (ties count for it)."""
    return float(signed_rank_cdf(n)[np.searchsorted(walsh, null, side="right")])


def interval(walsh: NDArray[np.float64], n: int, level: float) -> tuple[float, float] | None:
    """All effects that a two-sided test at ``level`` does not reject.

    None below 1 - log2(level) pairs (8 at 1 %, 6 at 5 %): they can reject nothing.
    """
    ranks = int(np.searchsorted(signed_rank_cdf(n), level / 2, side="right"))
    return (float(walsh[ranks - 1]), float(walsh[-ranks])) if ranks else None

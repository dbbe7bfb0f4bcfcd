"""Whether readings still move, or only tremble.

Mann-Kendall's S counts the pairs of readings that rise minus those that fall, so one slow reading
cannot fake a trend; Theil-Sen's slope (the median over all pairs) says how large it is.
Correlated noise inflates the variance of S by about (1 + rho)/(1 - rho) (Yue and Wang 2004). Rho is
estimated on the ranks of what the slope leaves, as spikes hide it otherwise, and drawn towards a
prior because a dozen readings cannot tell it.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_FEWEST_TO_TELL = 4
_FEWEST_TO_SCORE = 6  # below, not even a perfect order passes _WARM_UP_SCORE
_WARM_UP_CHANGE = 0.02  # share of the median; the default precision, so less is no reason to go on
_WARM_UP_SCORE = NormalDist().inv_cdf(0.95)
_COLD_START = 0.4  # natural logarithm: one half of the readings 1.5 times as long as the other
_DRIFT_CHANGE = 0.05  # share of the median
_DRIFT_SCORE = NormalDist().inv_cdf(1 - 0.015 / 2)
_FEWEST_TO_DRIFT = 16  # with fewer, no drift passes _DRIFT_SCORE


def has_trend(values: Sequence[float] | NDArray[np.float64]) -> bool:
    """Whether warm-up readings change by more than 2 % across ``values``, as far as can be seen.

    ``values``: in order of time. Below 4 values True: that cannot be told yet. 4 or 5 values have a
    trend if each lies beyond the one before.

    Measured (1,500 runs a case; noise of 10 % with or without spikes): false alarms 1-9 % at
    rho 0-0.35 from 5 readings on (8-15 % with 4), 3-19 % at rho 0.6. Power at rho 0.25 against a
    linear change of 10 % / an exponential one of 20 % (500 runs): noise of 2 %: 80/80 % with 10
    readings, 95/98 % with 15; noise of 5 %: 23/44 % with 10, 91/100 % with 100. Noise of 10 % hides
    such changes from 10 readings (8/16 %), as it would from any test: that wants 100 (44/77 %).

    Raises ValueError unless the values are finite and above zero.
    """
    readings = _checked(values)
    if readings.size < _FEWEST_TO_TELL:
        return True
    # A start that is still cold falls by half and more, so steeply that the test below takes the
    # fall for correlation. Noise of 10 % with no trend moves two halves this far apart hardly ever.
    first, second = np.array_split(readings, 2)
    if abs(math.log(float(np.median(first)) / float(np.median(second)))) > _COLD_START:
        return True
    change, score = _change_and_score(_blocks(readings, 20), prior=0.35, weight=40)
    if readings.size < _FEWEST_TO_SCORE:
        steps = np.diff(readings)
        return abs(change) > _WARM_UP_CHANGE and bool((steps > 0).all() or (steps < 0).all())
    return abs(change) > _WARM_UP_CHANGE and score > _WARM_UP_SCORE


def drifts(values: Sequence[float] | NDArray[np.float64]) -> bool:
    """Whether measured readings drift by more than 5 % across the run, beyond doubt.

    ``values``: in order of time. Averaged over at most 15 blocks first, so that neighbours that
    resemble each other do not look like a drift. Below 16 values False: nothing can be claimed.

    Measured (1,500 runs a case; noise of 10 % with or without spikes, rho 0-0.6): false alarms
    0-2.3 %, most with 30 readings at rho 0.6. Power at rho 0.25 against linear drifts of 10 / 25 %
    (500 runs): noise of 2 %: 78/95 % with 30 readings; of 5 %: 58/95 % with 100; of 10 %: 13/69 %
    with 100, 68/97 % with 500.

    Raises ValueError unless the values are finite and above zero.
    """
    readings = _checked(values)
    if readings.size < _FEWEST_TO_DRIFT:
        return False
    blocks = _blocks(readings, min(15, readings.size // 2))
    change, score = _change_and_score(blocks, prior=0.3, weight=10)
    return abs(change) > _DRIFT_CHANGE and score > _DRIFT_SCORE


def _change_and_score(
    values: NDArray[np.float64], prior: float, weight: int
) -> tuple[float, float]:
    """The change across ``values`` as a share of their median, and |z| of Mann-Kendall's S.

    ``prior`` is the correlation expected before any reading, worth ``weight`` readings.
    """
    n = values.size
    first, second = np.triu_indices(n, 1)
    rises = values[second] - values[first]
    slope = float(np.median(rises / (second - first)))
    balance = abs(float(np.sign(rises).sum()))
    rho = (n * _rank_correlation(values - slope * np.arange(n)) + weight * prior) / (n + weight)
    rho = min(max(rho, 0.0), 0.9)
    variance = n * (n - 1) * (2 * n + 5) / 18 * (1 + rho) / (1 - rho)
    score = max(balance - 1, 0.0) / math.sqrt(variance)  # -1: S moves in steps of two
    return slope * (n - 1) / float(np.median(values)), score


def _rank_correlation(residuals: NDArray[np.float64]) -> float:
    """Lag-1 correlation of the ranks, its bias after removing a line (about -2/n) put back."""
    n = residuals.size
    ranks = np.argsort(np.argsort(residuals)) - (n - 1) / 2
    raw = float(ranks[1:] @ ranks[:-1]) / float(ranks @ ranks)
    return min(max((n * raw + 2) / max(n - 4, 1), -0.2), 0.9)


def _blocks(values: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Means over at most ``most`` contiguous blocks whose lengths differ by at most one."""
    if values.size <= most:
        return values
    edges = np.linspace(0, values.size, most + 1).astype(int)
    return np.asarray(np.add.reduceat(values, edges[:-1]) / np.diff(edges))


def _checked(values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    readings = np.asarray(values, dtype=np.float64)
    if not (np.isfinite(readings).all() and (readings > 0).all()):
        raise ValueError("a trend needs readings that are finite and above zero")
    return readings

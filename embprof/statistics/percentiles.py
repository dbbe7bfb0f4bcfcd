"""Percentiles that say how well they are known, or decline to be one."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embprof.model import Estimate
from embprof.statistics.quantiles import CONFIDENCE, binomial_cdf

_MAX_CORRELATION = 0.8
_FEWEST_TO_CORRELATE = 6
_TAIL = (1 - CONFIDENCE) / 2


def smallest_sample(q: float) -> int:
    """The fewest readings that can bound quantile ``q``: 6 for p50, 72 for p95, 368 for p99.

    With fewer, even the largest reading (for q below 0.5 the smallest) lies on the wrong side of
    the quantile too often: the least n with q**n <= 0.025. Raises ValueError unless it lies
    strictly between 0 and 1.
    """
    if not 0 < q < 1:
        raise ValueError(f"a quantile must lie between 0 and 1, got {q}")
    return max(1, math.ceil(math.log(_TAIL) / math.log(max(q, 1 - q))))


def percentile(
    values: Sequence[float] | NDArray[np.float64], q: float, *, correlated: bool = True
) -> Estimate | None:
    """The ``q`` quantile (0.95: p95) with an order-statistic interval; None where n is too small.

    ``values``: in order of time. The value is numpy's default quantile (linear between order
    statistics: type 7 of Hyndman and Fan 1996). The interval runs between two readings and assumes
    no distribution: their ranks are binomial (Conover 1999, section 3.2; the same as
    ``scipy.stats.quantile_test(...).confidence_interval``). ``n`` counts raw readings, and None is
    returned below ``smallest_sample``.

    ``correlated`` moves both ranks away from the quantile by sqrt(n / effective n), the effective n
    taken from the lag-1 correlation of "is this reading above the quantile"; they stop at the
    extremes. Nominal 95 %, 1,500 runs a case, rho 0-0.35, with and without spikes: p50 of 20-1,000
    readings 94-98 %, p95 of 72-1,000 and p99 of 368-2,000 94-99 %. Without it: p50 85-97 %, p95
    91-99 %, p99 94-99 %. Six readings at rho = 0.35 cover 88-90 % either way: they have no rank
    left to move to.

    Raises ValueError for non-finite values, and for a ``q`` outside (0, 1).
    """
    readings = np.asarray(values, dtype=np.float64)
    if not np.isfinite(readings).all():
        raise ValueError("a percentile needs finite readings")
    n = readings.size
    if n < smallest_sample(q):
        return None
    below, above = _ranks(n, q)
    value = float(np.quantile(readings, q))
    if correlated:
        widening = _widening(readings > value)
        below = max(1, math.floor(n * q - (n * q - below) * widening))
        above = min(n, math.ceil(n * q + (above - n * q) * widening))
    low, high = np.partition(readings, (below - 1, above - 1))[[below - 1, above - 1]]
    basis = "readings, order statistics"
    return Estimate(value=value, low=float(low), high=float(high), n=n, basis=basis)


def _ranks(n: int, q: float) -> tuple[int, int]:
    """Ranks (1 = smallest) of the readings that enclose the quantile of independent readings."""
    cdf = binomial_cdf(n, q)
    below = int(np.searchsorted(cdf, _TAIL))
    above = int(np.searchsorted(cdf, 1 - _TAIL)) + 1
    return max(below, 1), min(above, n)


def _widening(above: NDArray[np.bool_]) -> float:
    """sqrt(n / effective n) of a binary series taken as AR(1), never below 1."""
    rho = min(neighbour_correlation(above), _MAX_CORRELATION)
    return math.sqrt((1 + rho) / (1 - rho))


def neighbour_correlation(series: NDArray[np.bool_]) -> float:
    """Lag-1 correlation of a binary series, its bias removed (Kendall 1954), never below zero."""
    n = series.size
    deviations = series - series.mean()
    power = float(deviations @ deviations)
    if n < _FEWEST_TO_CORRELATE or power == 0:
        return 0.0
    raw = float(deviations[1:] @ deviations[:-1]) / power
    return max((n * raw + 1) / (n - 4), 0.0)

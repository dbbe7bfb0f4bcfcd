"""Figures of readings that wander: response times of a queue, which remember each other for long.

A queue that has become long stays so for many calls, so near saturation a thousand response times
say little more than ten independent ones would. Where the correlation of neighbours is enough for
service times (:mod:`embprof.statistics.correlated_mean`), it is not here: with a server at 90 % of
what it can do, intervals made that way covered 24 % (p95 of 3,000 calls) to 52 % (mean).

So the long-run variance is taken from the slowest waves alone (equal-weighted cosines: Lazarus,
Lewis, Stock and Watson 2018, JBES 36), and their number is fixed, however many readings there are:
eight waves see correlation over an eighth of the run. Student's t on 8 degrees of freedom pays for
how little eight waves know.

Simulated, 300 runs a case, Poisson arrivals, exponential and constant service times, nominal 95 %,
600-3,000 calls: a server at 30-70 % of what it can do: mean 86-96 % covered, p95 92-97 %; at 80 %:
83-94 %, 93-96 %; at 90 %: 70-88 %, 92-99 %, where most have no interval. With 300 calls the mean is
covered 84-96 % up to 70 %, 78-84 % at 80 %, 60-70 % at 90 %: no method knows a wave longer than the
run.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embprof.model import Estimate
from embprof.statistics.correlated_mean import unskew
from embprof.statistics.independent import wilson
from embprof.statistics.percentiles import smallest_sample
from embprof.statistics.quantiles import CONFIDENCE, check_confidence, normal, student_t

WAVES = 8
FEWEST = 24
"""Readings without which eight waves are none: three a wave."""
TAIL = 0.95
"""The quantile above which readings stand for the bad ones where there was no bad one."""

Readings = Sequence[float] | NDArray[np.float64]


def mean(values: Readings) -> Estimate:
    """The mean of readings in order of time; without FEWEST of them it has no interval.

    Raises ValueError for no readings.
    """
    series = np.asarray(values, dtype=np.float64)
    if not series.size:
        raise ValueError("a mean needs a reading at least")
    value = float(series.mean())
    low = high = None
    variance = float(series.var())
    if series.size >= FEWEST and variance > 0:
        deviations = series - value
        worth = series.size / _inflation(deviations)
        error = math.sqrt(variance / worth)
        skewness = float(np.mean(deviations**3)) / variance**1.5
        t = student_t(WAVES)
        # A mean of so few independent ones would be as skewed as that.
        counted = max(WAVES, round(worth))
        low, high = (value - unskew(reach, skewness, counted) * error for reach in (t, -t))
    return _estimate(value, low, high, series.size)


def percentile(values: Readings, q: float) -> Estimate | None:
    """The ``q`` quantile of readings in order of time; None below ``smallest_sample`` of them.

    The interval runs between two readings. Where the upper of them would lie beyond the largest, or
    readings are infinite there (calls that failed), none of it is known, and both ends are None.
    """
    series = np.asarray(values, dtype=np.float64)
    n = series.size
    if n < smallest_sample(q):
        return None
    ordered = np.sort(series)
    value = _quantile(ordered, q)
    if n < FEWEST or not math.isfinite(value):
        return _estimate(value, None, None, n)
    above = (series > value).astype(np.float64)
    worth = n / _inflation(above - above.mean())
    reach = student_t(WAVES) * math.sqrt(q * (1 - q) / worth)
    below, beyond = math.floor(n * (q - reach)), math.ceil(n * (q + reach))
    if beyond >= n or not math.isfinite(ordered[beyond]):
        return _estimate(value, None, None, n)
    return _estimate(value, float(ordered[max(below, 0)]), float(ordered[beyond]), n)


def share(
    hits: Sequence[bool] | NDArray[np.bool_], seconds: Readings, *, confidence: float = CONFIDENCE
) -> Estimate:
    """The share of hits (good calls), with Wilson's interval for what the calls are worth.

    ``seconds``: what decided, infinite for calls that failed. A burst of bad calls that did not
    happen to come tells nothing of how long it would have been, so calls are worth no more than
    they are to the share above their own 95th percentile. Simulated as above, shares of 0.95 and
    0.99, 300-3,000 calls, at 30-90 %: 86-99 % covered, and too good in at most 7 %; with the
    correlation of neighbours alone 4-95 %, and too good in up to 92 %.
    """
    check_confidence(confidence)
    series, decided = np.asarray(hits, dtype=np.float64), np.asarray(seconds, dtype=np.float64)
    n = series.size
    if not n:
        raise ValueError("a share needs a call at least")
    value = float(series.mean())
    tail = (decided > _quantile(np.sort(decided), TAIL)).astype(np.float64)
    inflation = max(_inflation(one - one.mean()) for one in (series, tail))
    # Wilson's interval takes a normal quantile; so many fewer calls make it Student's.
    student = normal((1 + confidence) / 2) / student_t(WAVES, confidence)
    worth = max(1.0, n / inflation * student**2)
    basis = f"{n} calls, worth {worth:.0f}"
    return wilson(value, worth, n=n, basis=basis, confidence=confidence)


def _inflation(deviations: NDArray[np.float64]) -> float:
    """Variance of the mean over that of as many independent readings; 1 at least."""
    from scipy.fft import dct

    n = deviations.size
    variance = float(np.mean(deviations**2))
    if n < FEWEST or variance == 0:
        return 1.0
    # dct type 2 is 2 * sum(x cos): its square over 2 n estimates the spectrum at each wave.
    waves = dct(deviations, type=2)[1 : WAVES + 1]
    return max(1.0, float(np.mean(waves**2)) / (2 * n) / variance)


def _quantile(ordered: NDArray[np.float64], q: float) -> float:
    """The quantile as numpy has it, of sorted readings of which the last may be infinite."""
    at = q * (ordered.size - 1)
    low, high = ordered[math.floor(at)], ordered[math.ceil(at)]
    if low == high:
        return float(low)
    return float(low + (high - low) * (at - math.floor(at)))


def _estimate(value: float, low: float | None, high: float | None, n: int) -> Estimate:
    basis = "readings of a queue, eight waves"
    if low is None:
        basis = "too few readings for how long queues last"
    return Estimate(value=value, low=low, high=high, n=n, basis=basis)

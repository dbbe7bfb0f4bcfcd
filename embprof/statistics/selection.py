"""How much wider an interval beside the leader must be, since the leader was chosen by its luck.

The leader of several rows that are alike is the one whose error happened to be the lowest, so the
others' ratios to it lie too high: of six rows alike, intervals of 95 % beside the leader hold 90 %.
"""

import functools
import math

import numpy as np

from embprof.statistics.quantiles import CONFIDENCE, normal

_REACH = 8.0  # standard deviations that count as everything
_POINTS = 4001


@functools.cache
def widening(alike: int, confidence: float = CONFIDENCE) -> float:
    """The factor on an interval's reach, where so many rows, leader included, may be alike.

    For rows of equal and independent errors e, the x with P(e_i - min e <= x) = confidence averaged
    over the rows but for the leader, over what it is without a choice. 1 for two rows: whichever
    leads, their difference is the same. Raises ValueError below 2.
    """
    if alike < 2:  # noqa: PLR2004  (the leader and another)
        raise ValueError("a leader is chosen among two rows at least")
    from scipy.optimize import brentq
    from scipy.special import log_ndtr, ndtr

    least = np.linspace(-_REACH, _REACH, _POINTS)
    log_above = log_ndtr(-least)
    density = alike * np.exp(-(least**2) / 2 + (alike - 2) * log_above) / math.sqrt(2 * math.pi)

    def missed(reach: float) -> float:
        within = ndtr(least + reach) - ndtr(least)
        return float(np.trapezoid(density * within, least)) - confidence

    reach = brentq(missed, 0.1, 2 * _REACH)
    without = math.sqrt(2) * normal((1 + confidence) / 2)
    return float(reach / without)

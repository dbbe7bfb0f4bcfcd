"""How one quantity goes with another over a few chosen values of the first."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from embprof.model import Estimate
from embprof.statistics.quantiles import check_confidence, student_t

FEWEST = 3
"""Points from which a line leaves something to judge it by."""


def pearson(x: Sequence[float], y: Sequence[float]) -> float | None:
    """The correlation coefficient; None for fewer than three points or where one does not vary.

    Where ``x`` was chosen and not drawn, it describes these values and no others: it has no
    interval.
    """
    if len(x) < FEWEST or len(set(x)) == 1 or len(set(y)) == 1:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def elasticity(
    x: Sequence[float], y: Sequence[float], *, confidence: float = 0.95
) -> Estimate | None:
    """By how many percent ``y`` changes where ``x`` grows by one: the slope of ln y on ln x.

    -1: twice the x is half the y. An ordinary least-squares line; its interval is Student's over
    the points' distances from it (n - 2 degrees of freedom), so it holds the bend of a curve that
    is no straight line as well as noise. None below three different values of x.
    Raises ValueError for unequal lengths and for values that are not finite and above zero.
    """
    check_confidence(confidence)
    if len(x) != len(y):
        raise ValueError(f"{len(x)} values of x and {len(y)} of y")
    if not all(0 < value < math.inf for value in (*x, *y)):
        raise ValueError("an elasticity needs values that are finite and above zero")
    if len(set(x)) < FEWEST:
        return None
    logs = np.log(np.asarray(x, dtype=np.float64)), np.log(np.asarray(y, dtype=np.float64))
    across = logs[0] - logs[0].mean()
    spread = float(across @ across)
    slope = float(across @ logs[1]) / spread
    left = logs[1] - logs[1].mean() - slope * across
    degrees = len(x) - 2
    reach = student_t(degrees, confidence) * math.sqrt(float(left @ left) / degrees / spread)
    return Estimate(
        value=slope,
        low=slope - reach,
        high=slope + reach,
        n=len(x),
        basis=f"a line through {len(x)} points on logarithms",
        confidence=confidence,
    )

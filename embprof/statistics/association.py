"""How one quantity goes with another over a few chosen values of the first.

Plain floats summed exactly, not arrays: the last digit must not depend on the processor.
"""

import math
import statistics
from collections.abc import Sequence

from embprof.model import Estimate
from embprof.statistics.quantiles import student_t

FEWEST = 3
"""Points from which a line leaves something to judge it by."""


def pearson(x: Sequence[float], y: Sequence[float]) -> float | None:
    """The correlation coefficient; None for fewer than three points or where one does not vary.

    Where ``x`` was chosen and not drawn, it describes these values and no others: it has no
    interval.
    """
    if len(x) < FEWEST or len(set(x)) == 1 or len(set(y)) == 1:
        return None
    return statistics.correlation(x, y)


def elasticity(x: Sequence[float], y: Sequence[float]) -> Estimate | None:
    """By how many percent ``y`` changes where ``x`` grows by one: the slope of ln y on ln x.

    -1: twice the x is half the y. An ordinary least-squares line; its interval is Student's over
    the points' distances from it (n - 2 degrees of freedom), so it holds the bend of a curve that
    is no straight line as well as noise. None below three different values of x.
    Raises ValueError for unequal lengths and for values that are not finite and above zero.
    """
    if len(x) != len(y):
        raise ValueError(f"{len(x)} values of x and {len(y)} of y")
    if not all(0 < value < math.inf for value in (*x, *y)):
        raise ValueError("an elasticity needs values that are finite and above zero")
    if len(set(x)) < FEWEST:
        return None
    across, along = _centred_logs(x), _centred_logs(y)
    spread = math.fsum(one * one for one in across)
    slope = math.fsum(a * b for a, b in zip(across, along, strict=True)) / spread
    squares = ((b - slope * a) ** 2 for a, b in zip(across, along, strict=True))
    degrees = len(x) - 2
    reach = student_t(degrees) * math.sqrt(math.fsum(squares) / degrees / spread)
    return Estimate(
        value=slope,
        low=slope - reach,
        high=slope + reach,
        n=len(x),
        basis=f"a line through {len(x)} points on logarithms",
    )


def _centred_logs(values: Sequence[float]) -> list[float]:
    logs = [math.log(value) for value in values]
    mean = math.fsum(logs) / len(logs)
    return [log - mean for log in logs]

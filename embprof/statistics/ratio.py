"""How much more one figure is than another, of two estimates with intervals of their own.

The bounds are recovered from those of both (Zou and Donner 2008, Statistics in Medicine 27): on
logarithms the distances from each value to its bounds are added in quadrature, so that a lopsided
interval stays lopsided. Assumed: the errors are independent, and normal enough on logarithms that
an interval of another confidence is one stretched by the ratio of normal quantiles. Runs of one
sweep lie minutes apart, so slow noise that they share is not taken off; noise that is in neither
interval (another session, a busy machine) is given as ``noise``.
"""

import math

from embprof.model import Estimate
from embprof.statistics.quantiles import check_confidence, normal


def ratio(
    before: Estimate, after: Estimate, *, noise: float = 0.0, confidence: float = 0.95
) -> Estimate | None:
    """After over before; ``low`` and ``high`` are None where either has no interval above zero.

    ``noise``: standard deviation of ln(after/before) that neither interval holds. None where a
    value is not finite and above zero: then there is no ratio. Raises ValueError for a confidence
    outside (0, 1) and a negative noise.
    """
    check_confidence(confidence)
    if noise < 0:
        raise ValueError(f"noise must not be negative, got {noise}")
    if not all(0 < one.value < math.inf for one in (before, after)):
        return None
    value = after.value / before.value
    reach_before, reach_after = _reach(before, confidence), _reach(after, confidence)
    n = min(before.n, after.n)
    basis = "bounds recovered from both intervals"
    if reach_before is None or reach_after is None:
        basis = "a run without an interval"
        return Estimate(value=value, low=None, high=None, n=n, basis=basis, confidence=confidence)
    (less_before, more_before), (less_after, more_after) = reach_before, reach_after
    unseen = normal((1 + confidence) / 2) * noise
    return Estimate(
        value=value,
        low=value * math.exp(-math.hypot(less_after, more_before, unseen)),
        high=value * math.exp(math.hypot(more_after, less_before, unseen)),
        n=n,
        basis=basis,
        confidence=confidence,
    )


def _reach(estimate: Estimate, confidence: float) -> tuple[float, float] | None:
    """How far below and above its value an estimate reaches, on logarithms."""
    low, high, value = estimate.low, estimate.high, estimate.value
    if low is None or high is None or not 0 < low <= value <= high < math.inf:
        return None
    stretch = normal((1 + confidence) / 2) / normal((1 + estimate.confidence) / 2)
    return stretch * math.log(value / low), stretch * math.log(high / value)

"""Whether B differs from A, judged by restart pairs.

The unit is the restart pair: two fresh processes loaded together. A process may be faster than its
twin for reasons of its own (where its memory landed), and its calls all share that, so a test over
calls or slices takes one lucky process for a difference between the arms. Between arms that are
alike each restart pair's effect is as likely positive as negative whatever the noise (drift,
bursts, slow neighbours, rhythm), since the order of slices is drawn: the signed-rank test needs
nothing else.

With n restart pairs no p-value lies below 2^(1 - n): 8 is the fewest for a verdict at 1 %.
Fewer were tried with variance components (between restarts and within them, Satterthwaite's
degrees of freedom): see ``docs/explanation/verdicts.md`` for why they are not used.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embprof.model import Estimate
from embprof.statistics.pair_effect import Numbers, restart_effects
from embprof.statistics.quantiles import CONFIDENCE, check_confidence, student_t
from embprof.statistics.signed_rank import interval, one_sided_p, walsh_averages
from embprof.statistics.verdict import POWER, THETA

_RANK_EFFICIENCY = 3 / math.pi
"""The efficiency of signed ranks against the mean on normal effects (Hodges and Lehmann 1956)."""

_ENOUGH_FOR_RANKS = 8  # below, an interval of 95 % runs between the outermost effects
_MOST_FOR_RANKS = 200  # beyond, the averages of all pairs take more time than they are worth


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedTest:
    """The ratio of times B/A with what a look may conclude from it.

    ``estimate`` carries the interval to be shown, at its own confidence, as if this were the only
    look; ``low`` and ``high`` bound the interval to be judged, at 1 - ``level``: None with fewer
    than 1 - log2(level) restart pairs. ``p_value`` asks about any change at all, ``p_beyond`` about
    one larger than theta; ``p_beyond <= level`` exactly where a verdict slower or faster is due.
    """

    estimate: Estimate
    low: float | None
    high: float | None
    level: float
    p_value: float
    p_beyond: float


def paired_test(
    effects: Sequence[Numbers], *, level: float = 0.01, theta: float = THETA
) -> PairedTest:
    """The test over restart pairs, at the two-sided ``level`` of this look.

    ``effects``: one sequence per restart pair of its slice pairs' ln(B/A).
    The shown interval comes from signed ranks too; where they can give none (fewer than 6 restart
    pairs at 0.95) from Student's t, and from one restart pair there is none.
    Raises ValueError for no restart pairs, for one without effects, and for non-finite effects.
    """
    check_confidence(1 - level)
    changes = restart_effects(effects)
    n = changes.size
    walsh = walsh_averages(changes)
    judged = interval(walsh, n, level)
    return PairedTest(
        estimate=_estimate(changes, walsh),
        low=None if judged is None else math.exp(judged[0]),
        high=None if judged is None else math.exp(judged[1]),
        level=level,
        p_value=_two_sided(walsh, n, 0.0),
        p_beyond=_two_sided(walsh, n, math.log1p(theta)),
    )


def typical_costs(middles: Sequence[Numbers], ratio: float) -> tuple[float, float]:
    """The typical cost of A and of B, whose ratio is exactly ``ratio``, that of the test.

    ``middles``: one sequence per restart pair of its slice pairs' ln sqrt(A B). They are summed up
    as effects are (trimmed means, median of Walsh averages), and each arm lies half the ratio away,
    so that swapping the arms swaps the costs. The plain mean of an arm's own calls is another
    figure: bursts that met one arm alone are in it, and in no effect. Raises ValueError as
    ``restart_effects`` does.
    """
    middle = float(np.median(walsh_averages(restart_effects(middles))))
    half = math.log(ratio) / 2
    return math.exp(middle - half), math.exp(middle + half)


def smallest_detectable_change(
    effects: Sequence[Numbers], planned_pairs: int, *, alpha: float = 0.01, theta: float = THETA
) -> float | None:
    """The least slowdown (0.03: 3 %) that ``planned_pairs`` restart pairs find in 95 % of gates.

    ``effects``: the restart pairs so far, whose spread is taken for what is to come; ``alpha``: the
    level of the last look. The interval must lie beyond ``theta``, so the answer is never smaller.
    None with fewer than 2 restart pairs (no spread) or too few planned for any verdict.
    Measured (4,000 single looks a case, normal effects of known spread, asked for 95 %): 10 or 12
    pairs find 92-93 %, 16 94 %, 24 95 %. From 24 pairs of a spread of 2 %, nine answers in ten lie
    at 2.4-3.4 %.
    """
    changes = restart_effects(effects)
    if changes.size < 2 or 2.0 ** (1 - planned_pairs) > alpha:  # noqa: PLR2004  (a spread)
        return None
    error = _spread(changes) / math.sqrt(planned_pairs * _RANK_EFFICIENCY)
    degrees = planned_pairs - 1
    reach = student_t(degrees, 1 - alpha) + student_t(degrees, 2 * POWER - 1)
    return (1 + theta) * math.exp(reach * error) - 1


def _spread(changes: NDArray[np.float64]) -> float:
    """Standard deviation of restart effects; of 8 and more as the test feels it.

    That is read off the width of their own interval, which one wild pair widens little, as it sways
    the test little: of 24 pairs of which one was measured beside a neighbour, the plain standard
    deviation was 21 % and this one 3 %.
    """
    n = changes.size
    if not _ENOUGH_FOR_RANKS <= n <= _MOST_FOR_RANKS:
        return float(np.std(changes, ddof=1))
    bounds = interval(walsh_averages(changes), n, 0.05)
    assert bounds is not None, "6 effects have an interval of 95 %"
    half_width = (bounds[1] - bounds[0]) / 2
    return half_width / student_t(n - 1) * math.sqrt(n * _RANK_EFFICIENCY)


def _estimate(changes: NDArray[np.float64], walsh: NDArray[np.float64]) -> Estimate:
    n = changes.size
    value = float(np.median(walsh))
    bounds, basis = interval(walsh, n, 1 - CONFIDENCE), f"{n} restart pairs, signed ranks"
    if bounds is None and n > 1:
        reach = student_t(n - 1) * float(np.std(changes, ddof=1)) / math.sqrt(n)
        bounds, basis = (value - reach, value + reach), f"{n} restart pairs, Student's t"
    return Estimate(
        value=math.exp(value),
        low=None if bounds is None else math.exp(bounds[0]),
        high=None if bounds is None else math.exp(bounds[1]),
        n=n,
        basis=basis if bounds is not None else "one restart pair says nothing of others",
    )


def _two_sided(walsh: NDArray[np.float64], n: int, margin: float) -> float:
    """The p-value of "the effect lies within +- margin"."""
    up, down = one_sided_p(walsh, n, margin), one_sided_p(-walsh[::-1], n, margin)
    return min(1.0, 2 * min(up, down))

"""From the calls of two interleaved arms to one effect per slice pair and one per restart pair.

A busy machine adds time in bursts, so two things are done about slow calls. Within a slice, each
call is weighed by its speed to the sixth power (a power mean of order -6): near the plain mean
where calls differ by a few percent, near the fast calls where some were disturbed, and no call
decides alone. Across the slices of a restart pair, the lowest and highest effects are left out, as
many as the effects' own spread advises.

Both steps are blind to which arm is which (swapping the arms turns an effect into its negative) and
follow scale (times longer by 3 % give 3 %, whatever the noise). The sign-flip test rests on the
first, an estimate without bias on the second. Evidence: ``docs/explanation/verdicts.md``.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = Sequence[float] | NDArray[np.float64]

ORDER = -6
"""Order of the power mean over a slice's calls.

Source: spread in percent of a restart pair's effect, 14 slice pairs of 7 calls, 2,400 simulated:
normal noise of 12 % / the same noise skewed / a fifth of the calls 1.5-3 times as long, and A/A on
a busy machine (3 calls): mean 1.9/2.0/6.4/5.5, -4 2.0/1.5/2.9/4.3, -6 2.0/1.4/2.7/3.9, -8
2.1/1.3/2.6/3.8, median 2.2/1.9/3.3/4.6, p25 2.2/1.3/2.7/4.1, p10 2.4/1.0/2.6/3.7, min
2.9/0.9/3.1/3.7. Order -6 is the best compromise; no order wins everywhere.
"""

TRIMS = (0.0, 0.1, 0.25, 0.4)
"""Shares of a restart pair's effects that may be left out at each end.

Source: simulation (1,000 gates a case) and A/A on a busy machine. Spread of restart effects in
percent with each share, then with the one that is chosen: normal noise 2.0 2.0 2.2 2.3, 2.0;
a neighbour busy a tenth of the time 3.2 2.9 2.6 2.7, 2.7; real 5.5 5.3 4.3 3.9, 3.9.
"""


def slice_log_ratio(a_costs: Numbers, b_costs: Numbers) -> float:
    """ln(B/A) of what a call cost: its time, or the time of an item.

    ``a_costs``, ``b_costs``: (n,), one slice of each arm, the same number of calls (a power mean of
    few calls depends on how many they are). Raises ValueError for empty, unequal, non-finite or
    non-positive input.
    """
    a, b = _costs(a_costs, "A"), _costs(b_costs, "B")
    if a.size != b.size:
        raise ValueError(f"the slices have {a.size} and {b.size} calls; both arms need as many")
    return _typical_log(b) - _typical_log(a)


def pair_effects(a_slices: Sequence[Numbers], b_slices: Sequence[Numbers]) -> NDArray[np.float64]:
    """The effects ln(B/A) of one restart pair's slice pairs. Shape: (slice pairs,).

    The k-th slices of both arms were run one after the other. Raises ValueError as
    ``slice_log_ratio`` does, and for unequal numbers of slices.
    """
    count, other = len(a_slices), len(b_slices)
    if not count or other != count:
        raise ValueError(f"slices must be as many in both arms: {count} and {other}")
    return np.array([slice_log_ratio(a, b) for a, b in zip(a_slices, b_slices, strict=True)])


def pair_middles(a_slices: Sequence[Numbers], b_slices: Sequence[Numbers]) -> NDArray[np.float64]:
    """The cost halfway between the arms, ln sqrt(A B), of each slice pair. Shape: (slice pairs,).

    Of the same power means as ``pair_effects``: half the effect below the middle lies A, half of it
    above lies B. Raises ValueError for unequal numbers of slices and for what are no costs.
    """
    pairs = zip(a_slices, b_slices, strict=True)
    ends = [(_costs(a, "A"), _costs(b, "B")) for a, b in pairs]
    return np.array([(_typical_log(a) + _typical_log(b)) / 2 for a, b in ends])


def restart_effects(effects: Sequence[Numbers]) -> NDArray[np.float64]:
    """One effect per restart pair: a trimmed mean of its slice effects. Shape: (restart pairs,).

    Middles are summed up likewise.

    ``effects``: one sequence per restart pair, as from ``pair_effects``. All are trimmed by the
    same share, that of TRIMS with the least standard error. The error does not change when the arms
    of a restart pair are swapped, nor when one arm is slower throughout: so the choice favours no
    direction. Raises ValueError for no restart pairs, an empty one, or non-finite effects.
    """
    given = [np.asarray(some, dtype=np.float64) for some in effects]
    if not given:
        raise ValueError("no restart pairs: a comparison needs at least one")
    every = np.concatenate(given)
    if not (all(some.size for some in given) and np.isfinite(every).all()):
        raise ValueError("a restart pair needs at least one slice pair, all effects finite")
    if every.size == len(given):  # one slice pair each: nothing to sort or to leave out
        return every
    ordered = [np.sort(some) for some in given]
    fewest = min(some.size for some in ordered)
    usable = [share for share in TRIMS if fewest - 2 * int(share * fewest) > 1] or [0.0]
    share = min(usable, key=lambda one: sum(_squared_error(some, one) for some in ordered))
    return np.array([_inner(some, share).mean() for some in ordered])


def _inner(ordered: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    cut = int(share * ordered.size)
    return ordered[cut : ordered.size - cut]


def _squared_error(ordered: NDArray[np.float64], share: float) -> float:
    """The squared error of a trimmed mean, from the winsorised sum (Tukey and McLaughlin 1963)."""
    inner = _inner(ordered, share)
    if inner.size < 2:  # noqa: PLR2004  (one effect has no spread)
        return 0.0
    winsorised = np.clip(ordered, inner[0], inner[-1])
    squares = float(((winsorised - winsorised.mean()) ** 2).sum())
    return squares / (inner.size * (inner.size - 1))


def _typical_log(costs: NDArray[np.float64]) -> float:
    """Log of the power mean, computed around the fastest call so that nothing overflows."""
    logs = np.log(costs)
    fastest = float(logs.min())
    return fastest + math.log(float(np.mean(np.exp(ORDER * (logs - fastest))))) / ORDER


def _costs(given: Numbers, arm: str) -> NDArray[np.float64]:
    costs = np.asarray(given, dtype=np.float64)
    if costs.ndim != 1 or not costs.size:
        raise ValueError(f"arm {arm}: costs of shape {costs.shape} are not those of calls")
    if not (np.isfinite(costs).all() and (costs > 0).all()):
        raise ValueError(f"arm {arm}: costs must be finite and above zero")
    return costs

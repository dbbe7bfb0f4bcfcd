"""How long the slices of a round are, and which rows are in it.

All slices of a round last about as long, so that no row has more chances than another to find a
quiet moment, and none starves the others: as long as a call of the slowest row, within a bound
that leaves room for many rounds, since rows are the better paired the sooner they follow each
other. A row whose calls are longer than that sits out of some rounds; the bound is a call of the
quickest row at least, so that somebody is in each.
"""

import math
from collections.abc import Mapping

FEWEST_ROUNDS = 40
"""Rounds that the time of a race must have room for, where the slowest row would leave fewer."""
SHORTEST = 0.2
"""Seconds of a slice; in shorter ones asking for it would cost what can be measured."""


def slice_seconds(paces: Mapping[int, float], *, shortest: float, seconds: float) -> float:
    """Seconds of each slice. ``paces``: seconds of a call by row; ``seconds``: of the whole race.

    ``seconds`` may be infinite.
    """
    shortest = max(shortest, SHORTEST)
    longest = max(shortest, min(paces.values()), seconds / (FEWEST_ROUNDS * len(paces)))
    return min(max(shortest, *paces.values()), longest)


def is_in(pace: float, slice_seconds: float, number: int, *, rarely: bool) -> bool:
    """Whether a row with calls of that length is in the round of that number.

    ``rarely``: it gets half of the time that others get.
    """
    every = max(1, math.ceil(pace / slice_seconds - 0.5)) * (2 if rarely else 1)
    return number // 2 % every == 0  # by twos: an order and its mirror image


def rounds_of(calls: Mapping[int, int], paces: Mapping[int, float], *, shortest: float) -> int:
    """Into how many rounds set numbers of ``calls`` are dealt out: as many as slices allow."""
    shortest = max(shortest, SHORTEST)
    fitting = (min(count, int(count * paces[row] / shortest)) for row, count in calls.items())
    return max(1, min(fitting, default=1))

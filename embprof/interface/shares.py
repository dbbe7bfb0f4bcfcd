"""The share of a part in a whole, where both were read of the same calls."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from embprof.model import Estimate, Figure, Slice
from embprof.statistics.rate import rate
from embprof.statistics.stopping import MIN_READINGS_TO_STOP


def by_restart(measured: Sequence[Slice], name: str) -> list[list[float]]:
    """The readings of a quantity, a list a restart."""
    return [
        [value for piece in pieces for value in piece.values(name)]
        for _, pieces in groupby(measured, key=lambda piece: piece.restart)
    ]


def share(
    full_name: str, part: Sequence[Sequence[float]], whole: Sequence[Sequence[float]]
) -> Figure:
    """Percent of the whole, over all calls; with an interval where there are enough of them."""
    readings = [value for restart in part for value in restart]
    is_enough = len(part) > 1 or len(readings) >= MIN_READINGS_TO_STOP
    if is_enough and min(readings) > 0:
        percents = [[100 * value for value in restart] for restart in part]
        return Figure(name=full_name, better="lower", estimate=rate(percents, whole))
    value = 100 * sum(map(sum, part)) / sum(map(sum, whole))
    estimate = Estimate(value=value, low=None, high=None, n=1, basis="total")
    return Figure(name=full_name, better="lower", estimate=estimate)

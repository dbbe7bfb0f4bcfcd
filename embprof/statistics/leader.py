"""Which row of a race costs least, by the ratios of those that met."""

import math
from collections.abc import Mapping

import numpy as np

from embprof.statistics.paired_costs import Effect

LEAST_ERROR = 1e-6  # with which the costs of rows are weighed: some clocks have steps
_NOTHING_KNOWN = 20.0  # of a log ratio: a factor of 500 million


def ratio_of(log: float) -> float:
    """A ratio by its log; 0 and infinity beyond what any cost differs by."""
    if abs(log) > _NOTHING_KNOWN:
        return math.inf if log > 0 else 0.0
    return math.exp(log)


def leader_of(rows: tuple[int, ...], effects: Mapping[tuple[int, int], Effect]) -> int | None:
    """The row whose cost is the least; ``effects[a, b]``: B beside A.

    None where nothing is known. Of rows that never met, not even through others, each counts beside
    those that it met.
    """
    met = [row for row in rows if any(row in pair for pair in effects)]
    if not met:
        return None
    places = {row: at for at, row in enumerate(met)}
    equations, sides = np.zeros((len(effects), len(met))), np.zeros(len(effects))
    for at, ((a, b), found) in enumerate(effects.items()):
        weight = 1 / max(found.error, LEAST_ERROR)
        equations[at, places[b]], equations[at, places[a]] = weight, -weight
        sides[at] = weight * found.log_ratio
    costs, *_ = np.linalg.lstsq(equations, sides, rcond=None)
    return met[int(np.argmin(costs))]

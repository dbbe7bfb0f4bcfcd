"""The share of a part in a whole, where both were read of the same calls."""

from collections.abc import Sequence

from embprof.interface.figure import figure, plain
from embprof.model import Figure
from embprof.statistics.rate import rate
from embprof.statistics.stopping import MIN_READINGS_TO_STOP


def share(name: str, part: Sequence[Sequence[float]], whole: Sequence[Sequence[float]]) -> Figure:
    """Percent of the whole, over all calls; with an interval where there are enough of them.

    ``part`` and ``whole`` have a list of readings for each restart.
    """
    readings = [value for restart in part for value in restart]
    is_enough = len(part) > 1 or len(readings) >= MIN_READINGS_TO_STOP
    if is_enough and min(readings) > 0:
        percents = [[100 * value for value in restart] for restart in part]
        return figure(name, "%", rate(percents, whole))
    value = 100 * sum(map(sum, part)) / sum(map(sum, whole))
    return plain(name, "%", value, "total")

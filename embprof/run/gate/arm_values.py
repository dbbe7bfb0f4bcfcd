"""The figures of A and B beside their ratio: of one estimate with it, so that the three agree.

An arm's run keeps the plain mean of its calls. The ratio of two such means is not the ratio that
was tested, which weighs calls by their speed and pairs slices: side by side they would contradict
each other.
"""

from embprof.model import THROUGHPUT, Figure
from embprof.run.gate.row import Trial
from embprof.statistics.paired_test import typical_costs

SECONDS = "_s"
"""How the metric's name of a time ends."""
UNKNOWN = (None, None)


def arm_values(
    trial: Trial, figure: Figure | None, ratio: float | None
) -> tuple[float, float] | tuple[None, None]:
    """What A and B typically gave, in the figure's unit; ``ratio`` is exactly that of their costs.

    None of both where there is no ratio, or where the figure does not say what the ratio is of: a
    total per reading beside the cost of an item, in readings over different numbers of items.
    """
    if figure is None or ratio is None or not trial.middles:
        return UNKNOWN
    factor = _readings_items(trial, figure)
    if factor is None:
        return UNKNOWN
    a, b = (factor * cost for cost in typical_costs(trial.middles, ratio))
    return (1 / a, 1 / b) if figure.better == "higher" else (a, b)


def _readings_items(trial: Trial, figure: Figure) -> int | None:
    """Items that the figure is of while the cost is of one; None where that is not one number."""
    names = {name for name, _ in trial.readings}
    if figure.name.startswith(THROUGHPUT) and all(name.endswith(SECONDS) for name in names):
        return 1  # a rate is of one item too
    if names != {figure.name}:
        return None
    if figure.better == "higher":
        return 1  # the cost is the inverse of the reading as it is
    counts = {items for _, items in trial.readings}
    return counts.pop() if len(counts) == 1 else None

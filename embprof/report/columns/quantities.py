"""The first quantities of another's measurement, each with its interval: no row stays empty."""

from collections.abc import Sequence

from embprof.interface.column import Column, interval, value
from embprof.model import Run

QUANTITIES = 3
"""That fit into 100 columns."""


def columns(runs: Sequence[Run]) -> list[Column]:
    """Value and interval of each of the first quantities."""
    names = list(dict.fromkeys(figure.name for run in runs for figure in run.figures))
    return [column for name in names[:QUANTITIES] for column in (value(name, name), interval(name))]

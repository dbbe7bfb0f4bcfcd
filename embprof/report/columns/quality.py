"""How good the answers of a workload were, beside what they cost."""

from collections.abc import Sequence

from embprof.interface.column import Column, value
from embprof.interface.workload import QUALITY
from embprof.model import Figure, Run
from embprof.units import with_unit


def columns(runs: Sequence[Run]) -> list[Column]:
    """A column for each figure of quality, in the workload's own order.

    A quantity may be read only for what it says together with others, and is no figure itself.
    """
    named = (
        run.figure(name) for run in runs for name in str(run.description.get(QUALITY) or "").split()
    )
    figures = {figure.name: figure for figure in named if figure is not None}
    # The first is why the workload was measured; the others give way to figures of time.
    return [
        value(name, _heading(figure), spare=at and 5 + at)
        for at, (name, figure) in enumerate(figures.items())
    ]


def _heading(figure: Figure) -> str:
    """``recall_at_10`` as ``recall@10``, ``agreement_percent`` as ``agreement %``."""
    return with_unit(figure.name, figure.unit).replace("_at_", "@").replace("_", " ")

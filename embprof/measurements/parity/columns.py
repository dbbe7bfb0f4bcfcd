"""The columns of a check of answers: the faults by name, beside what the workload shows of them."""

from collections.abc import Sequence

from embprof.interface.column import Column
from embprof.measurements.parity.measurement import FAULTS, NAMES
from embprof.model import Run

SHOWN = 2
"""Names of faults in a cell; all of them stand in the report."""


def columns(runs: Sequence[Run]) -> list[Column]:
    """The names of faults, where any were looked for."""
    if not any(run.figure(FAULTS) for run in runs):
        return []
    return [Column(heading="differs in", cell=_names, metric=FAULTS)]


def _names(run: Run) -> str:
    names = str(run.description.get(NAMES, "")).split(", ")
    more = f" +{len(names) - SHOWN}" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"

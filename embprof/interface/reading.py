"""What the readings of a whole job say together: figures and words that no single slice holds.

Pure functions of a run's slices, each in a file of its own, found by the quantities that were read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from embprof.interface.conclusion import Conclusion
from embprof.measurements.leak import figures as leak
from embprof.measurements.load import capacity_figures
from embprof.measurements.load import figures as load
from embprof.measurements.load_time import figures as load_time
from embprof.measurements.memory import figures as memory
from embprof.measurements.profile import figures as profile
from embprof.measurements.truncation_loss import figures as truncation_loss
from embprof.model import Slice
from embprof.workloads.nli import figures
from embprof.workloads.pipeline import figures as tail
from embprof.workloads.vector_search import figures as recall

__all__ = ["OF_QUANTITIES", "Conclusion", "conclude"]

OF_QUANTITIES: Mapping[str, Callable[[Sequence[Slice]], Conclusion]] = {
    capacity_figures.CAPACITY: capacity_figures.conclude,
    memory.PHASED: memory.parts,
    memory.WATCHED: memory.watched,
    leak.IN_USE: leak.conclude,
    load.ROUND: load.closed_loop,
    load.IN_SYSTEM: load.open_loop,
    load_time.QUANTITY: load_time.start,
    profile.STAGED: profile.stages,
    profile.PROFILED: profile.profiler,
    recall.AT_1: recall.conclude,
    tail.STEP: tail.conclude,
    truncation_loss.COSINE: truncation_loss.conclude,
    figures.QUANTITY: figures.conclude,
}
"""By the name of the quantity that a conclusion rests on."""


def conclude(slices: Iterable[Slice]) -> Conclusion:
    """All that the measured slices (warm-up is left out) allow to conclude."""
    measured = [piece for piece in slices if not piece.warmup]
    names = {samples.name for piece in measured for samples in piece.samples}
    found = [rule(measured) for name, rule in OF_QUANTITIES.items() if name in names]
    return Conclusion(
        figures=tuple(figure for one in found for figure in one.figures),
        outcomes={word: said for one in found for word, said in one.outcomes.items()},
        follow_up=next((one.follow_up for one in found if one.follow_up is not None), None),
    )

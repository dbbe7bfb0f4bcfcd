"""What the readings of a whole job say together: figures and words that no single slice holds.

Pure functions of a run's slices, each in a file of its own, found by the quantities that were read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from embprof.conclusions import (
    agreement,
    capacity,
    leak,
    load,
    load_time,
    memory,
    profile,
    recall,
    tail,
    truncation_loss,
)
from embprof.conclusions.conclusion import Conclusion
from embprof.model import Slice

__all__ = ["OF_QUANTITIES", "Conclusion", "conclude"]

OF_QUANTITIES: Mapping[str, Callable[[Sequence[Slice]], Conclusion]] = {
    capacity.CAPACITY: capacity.conclude,
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
    agreement.QUANTITY: agreement.conclude,
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

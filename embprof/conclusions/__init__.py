"""What the readings of a whole job say together: figures and words that no single slice holds.

Pure functions of a run's slices, each in a file of its own, found by the quantities that were read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from embprof.model import Figure, Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """Figures that are added to those of a run, and its ``outcomes``."""

    figures: tuple[Figure, ...] = ()
    outcomes: Mapping[str, str] = field(default_factory=dict)


OF_QUANTITIES: Mapping[str, Callable[[Sequence[Slice]], Conclusion]] = {}
"""By the name of the quantity that a conclusion rests on."""


def conclude(slices: Iterable[Slice]) -> Conclusion:
    """All that the measured slices (warm-up is left out) allow to conclude."""
    measured = [piece for piece in slices if not piece.warmup]
    names = {samples.name for piece in measured for samples in piece.samples}
    found = [rule(measured) for name, rule in OF_QUANTITIES.items() if name in names]
    return Conclusion(
        figures=tuple(figure for one in found for figure in one.figures),
        outcomes={word: said for one in found for word, said in one.outcomes.items()},
    )

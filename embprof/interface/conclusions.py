"""What the readings of a whole job say together, asked of the accounts of its subjects."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from embprof.interface import faults
from embprof.interface.conclusion import Conclusion
from embprof.interface.subjects import Subject
from embprof.model import Figure, Slice

NOTHING = Conclusion()


def conclude(slices: Iterable[Slice], subjects: Sequence[Subject]) -> Conclusion:
    """All that the measured slices (warm-up is left out) allow to conclude."""
    measured = [piece for piece in slices if not piece.warmup]
    names = {samples.name for piece in measured for samples in piece.samples}
    found = [
        faults.ask(
            subject.target, f"what follows of {name}", partial(_concluded, rule, measured), NOTHING
        )
        for subject in subjects
        for name, rule in subject.account.conclusions.items()
        if name in names
    ]
    return Conclusion(
        figures=tuple(figure for one in found for figure in one.figures),
        outcomes={name: outcome for one in found for name, outcome in one.outcomes.items()},
        follow_up=next((one.follow_up for one in found if one.follow_up is not None), None),
    )


def _concluded(
    rule: Callable[[Sequence[Slice]], Conclusion], measured: Sequence[Slice]
) -> Conclusion:
    """What a rule concludes; raises TypeError for what is no conclusion."""
    (found,) = faults.all_of(Conclusion, [rule(measured)])
    faults.all_of(Figure, found.figures)
    return found

"""What a machine can be trusted with, in a sentence or two."""

from embprof.doctor.noise import NoiseFigures
from embprof.doctor.traps import Examination
from embprof.doctor.traps.trap import Severity
from embprof.model import Verdict
from embprof.statistics.verdict import DELTA, judge
from embprof.units import counted, duration, percent

GATE_SECONDS = 180
"""Measuring time that the default bound is meant for (embprof.statistics.verdict.DELTA)."""
MINUTE = 60


def conclusion(noise: NoiseFigures | None, examined: Examination) -> str:
    """What changes can be told here, and what to do before."""
    changes, warnings = _changes(noise), len(examined.of(Severity.WARNING))
    if not warnings:
        return changes
    return f"{changes} Mend the {counted(warnings, 'warning')} above first, then run this again."


def time_of(seconds: int) -> str:
    """``3 min``, or as any duration where it is no whole number of minutes."""
    return f"{seconds // MINUTE} min" if seconds % MINUTE == 0 else duration(seconds)


def _changes(noise: NoiseFigures | None) -> str:
    if noise is None:
        return (
            "The noise was not measured, so nothing is said about the changes that it would hide."
        )
    if judge(noise.ratio.low, noise.ratio.high) in (Verdict.SLOWER, Verdict.FASTER):
        apart = percent(abs(noise.ratio.value - 1))
        return f"Two equal workers came out {apart} apart: trust no comparison from here as it is."
    known = [
        f"{percent(change)} in {time_of(seconds)}"
        for seconds, change in sorted(noise.smallest_detectable.items())
        if change is not None
    ]
    if not known:
        return "No change can be promised to be found here, however long it is measured."
    least = f"A slowdown that is to be found here must be about {', '.join(known)}."
    at_gate = noise.smallest_detectable.get(GATE_SECONDS)
    if at_gate is None or at_gate > DELTA:
        at_least = time_of(GATE_SECONDS)
        return f"{least} {percent(DELTA)}, the default bound, needs more than {at_least}."
    return least

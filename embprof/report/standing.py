"""Whether a run has what is wanted of it, as far as its intervals can tell."""

import math
from collections.abc import Iterator, Mapping
from typing import Literal

from embprof.config import wanted_figures
from embprof.report.change import noise_of
from embprof.report.study import Answer
from embprof.report.targets import Target, check, not_kept
from embprof.units import of_time

TWO_SIDED = 1.96
"""Standard deviations of a 95 % interval."""
Standing = Literal["met", "missed", "unclear"]


def standings(answer: Answer) -> Iterator[tuple[Target, Standing]]:
    """Each target and limit that the run has a figure for."""
    for values in wanted(answer):
        for target in check(values, answer.run.figures):
            if target.met is not None:
                yield target, standing(answer, target)


def standing(answer: Answer, target: Target) -> Standing:
    """By the interval with the noise around the run; a figure without one counts as it is."""
    figure = target.figure
    if figure is None or figure.estimate is None or target.met is None:
        return "unclear"
    estimate, is_met = figure.estimate, target.met
    if estimate.low is None or estimate.high is None:
        return "met" if is_met else "missed"
    reach = math.exp(TWO_SIDED * noise_of(answer)) if of_time(figure.unit) else 1.0
    low, high = estimate.low / reach, estimate.high * reach
    if target.is_most:
        is_sure = high <= target.wanted if is_met else low > target.wanted
    else:
        is_sure = low >= target.wanted if is_met else high < target.wanted
    return ("met" if is_met else "missed") if is_sure else "unclear"


def wanted(answer: Answer) -> tuple[Mapping[str, float], ...]:
    """Its targets and its limits."""
    return tuple(wanted_figures.wanted(answer.run.config, kind) for kind in wanted_figures.WANTED)


def misses(answer: Answer, beside: str) -> bool:
    """Whether the run misses what is wanted of a figure beside that one, beyond doubt.

    What its answers must keep is wanted of every run.
    """
    if any(word == "missed" and target.metric != beside for target, word in standings(answer)):
        return True
    return bool(not_kept(answer.run))

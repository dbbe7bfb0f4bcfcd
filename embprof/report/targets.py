"""Figures that are wanted, and whether a run has them: a target is no verdict.

A target says nothing of change: a service may be as slow as ever and meet it, or twice as fast and
miss it. A *limit* is a target of which the miss is an alert.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from embprof.model import Figure
from embprof.units import number


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One figure beside what it is to be; ``met`` is None where there is no such figure."""

    metric: str
    wanted: float
    better: Literal["lower", "higher"] | None
    value: float | None

    @property
    def met(self) -> bool | None:
        """Whether the value is no worse than what is wanted."""
        if self.value is None:
            return None
        return self.value <= self.wanted if self.better == "lower" else self.value >= self.wanted

    @property
    def sentence(self) -> str:
        """``peak_rss_mb 4,210, wanted at most 4,000``."""
        if self.value is None:
            return f"{self.metric}: there is no such figure"
        at = "at most" if self.better == "lower" else "at least"
        return f"{self.metric} {number(self.value)}, wanted {at} {number(self.wanted)}"


def check(wanted: Mapping[str, float], figures: Sequence[Figure]) -> list[Target]:
    """Each target beside the figure of its name."""
    known = {figure.name: figure for figure in figures}
    checked = []
    for metric, value in wanted.items():
        figure = known.get(metric)
        estimate = figure.estimate if figure is not None else None
        checked.append(
            Target(
                metric=metric,
                wanted=value,
                better=figure.better if figure is not None else None,
                value=None if estimate is None else estimate.value,
            )
        )
    return checked


def alerts(limits: Mapping[str, float], figures: Sequence[Figure]) -> Iterator[str]:
    """What is to be said of limits that were passed."""
    for target in check(limits, figures):
        if target.met is False:
            yield target.sentence

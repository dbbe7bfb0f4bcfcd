"""The pictures of a study: what is drawn where people would rather look than read."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from embprof.interface import faults
from embprof.interface.chart import Chart
from embprof.interface.subjects import Subject
from embprof.report.charts.svg import svg
from embprof.report.study import Study


def charts(study: Study) -> list[Chart]:
    """Every picture that the study has the figures for, each once, those of a subject together."""
    every = (chart for subject in study.subjects for chart in _drawn(subject, study))
    return list({chart.name: chart for chart in every}.values())


def _drawn(subject: Subject, study: Study) -> Iterator[Chart]:
    for at, draw in enumerate(subject.account.charts):
        part, nothing = f"its chart {at + 1}", list[Chart]()
        yield from faults.ask(subject.target, part, partial(_all, draw, study), nothing)


def _all(draw: Callable[[Study], Iterable[Chart]], study: Study) -> list[Chart]:
    """What is drawn; raises for what cannot be, so that it costs no more than itself."""
    found = faults.all_of(Chart, draw(study))
    for chart in found:
        for curve in chart.curves:
            if len(curve.x) != len(curve.y):
                raise ValueError(f"{chart.name}: {curve.name} has unequal numbers of x and y")
            if not all(map(math.isfinite, (*curve.x, *curve.y))):
                raise ValueError(f"{chart.name}: {curve.name} has values that are not finite")
        svg(chart)
    return found

"""Curves of figures along an axis of a study."""

import math
from collections.abc import Callable, Sequence

from embprof.interface.chart import MOST_CURVES, Axis, Curve, plain
from embprof.model import Estimate, Figure
from embprof.report.change import throughput
from embprof.report.study import Answer, Series, Study

Get = Callable[[Answer], Figure | None]
FEWEST = 2
"""Points of a curve."""
PERCENTILES_NOTE = "Bars are 95 % intervals; p95 is known from 72 calls on, p99 from 368."


def of_name(name: str) -> Get:
    """Reads a figure by its name."""
    return lambda answer: answer.run.figure(name)


def curve(series: Series, get: Get, name: str) -> Curve | None:
    """A figure along a series; None unless two of its numbers have one."""
    points = [
        (float(value), estimate)
        for value, answer in zip(series.values, series.answers, strict=True)
        if is_number(value) and (estimate := estimate_of(answer, get)) is not None
    ]
    if len(points) < FEWEST:
        return None
    return Curve(
        name=name,
        x=tuple(x for x, _ in points),
        y=tuple(estimate.value for _, estimate in points),
        low=tuple(e.low for _, e in points),
        high=tuple(e.high for _, e in points),
    )


def estimate_of(answer: Answer, get: Get) -> Estimate | None:
    """The figure's estimate, if it is one that can be drawn."""
    figure = get(answer)
    estimate = None if figure is None else figure.estimate
    return estimate if estimate is not None and math.isfinite(estimate.value) else None


def is_number(value: object) -> bool:
    """Whether a swept value is a number: neither a word nor a boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def shown(every: Sequence[Series]) -> list[Series]:
    """Those that one picture can hold, the longest first."""
    return sorted(every, key=lambda series: -len(series.values))[:MOST_CURVES]


def left_out(every: Sequence[Series]) -> str:
    """How many of them a picture does not hold, in words; empty if none."""
    more = len(every) - MOST_CURVES
    return f" {more} more {'series is' if more == 1 else 'series are'} in the table." * (more > 0)


def axis(title: str, curves: Sequence[Curve]) -> Axis:
    """The values that were measured, by logarithms where they multiply rather than add."""
    values = tuple(sorted({x for curve in curves for x in curve.x}))
    is_spread = values[0] > 0 and values[-1] / values[0] >= 8  # noqa: PLR2004  (three doublings)
    return Axis(title=title, is_log=is_spread, ticks=values)


def percentiles(series: Series, figure: str) -> list[Curve]:
    """Those of ``latency``, say, that are known of two points at least."""
    names = ("p50", "p95", "p99")
    curves = (curve(series, of_name(f"{figure}_{name}_ms"), name) for name in names)
    return [found for found in curves if found is not None]


def rates_of_one_kind(study: Study, axis: str) -> list[Series]:
    """The series of throughputs that work on the same things as the first: one unit an axis."""
    every = [s for s in study.series(axis) if all(throughput(a) is not None for a in s.answers)]
    kinds = [{a.run.description.get("items") for a in s.answers} for s in every]
    return [s for s, kind in zip(every, kinds, strict=True) if kind == kinds[0]]


def text(value: object) -> str:
    """A swept value in a sentence."""
    return plain(float(value)) if isinstance(value, int | float) else str(value)

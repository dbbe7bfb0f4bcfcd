"""From values to places on paper: the ends of an axis, its ticks, and where a value lies."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from embprof.interface.chart import Axis, Chart, Level, Span
from embprof.report.charts import ticks

ROOM = 0.04
"""Share of an axis that is left free beyond the outermost points."""
LABEL = 0.08
"""The same for a label beyond a bar."""
FAR = 2.5
"""A level this many times above all points would press them together: it is named, not drawn."""

LETTER = 0.011
"""Share of the width that a letter of a span's name takes, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """``low`` and ``high`` are the values at the two ends."""

    low: float
    high: float
    is_log: bool
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """How far along the axis a value lies, from 0 to 1."""
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def of_x(chart: Chart) -> Scale:
    """The horizontal axis."""
    ends = [
        value
        for bars in chart.bars
        for start, length in zip(bars.start, bars.length, strict=True)
        for value in (start, start + length)
    ]
    ends += [value for bars in chart.bars for value in (*bars.low, *bars.high) if value is not None]
    has_labels = len(chart.bars) == 1 and any(chart.bars[0].labels)
    if has_labels and ends:  # room for the longest
        ends.append(max(ends) + LABEL * (max(ends) - min(0.0, *ends)))
    return _scale(chart.x, [*ends, *(x for curve in chart.curves for x in curve.x)])


def of_y(chart: Chart) -> Scale:
    """The vertical axis of a chart of curves."""
    values = [
        value
        for curve in chart.curves
        for value in (*curve.y, *curve.low, *curve.high)
        if value is not None
    ]
    return _scale(chart.y, [*values, *(level.value for level in drawn_levels(chart))])


def drawn_levels(chart: Chart) -> list[Level]:
    """The levels that lie near enough to the points to be drawn."""
    highest = max((y for curve in chart.curves for y in curve.y), default=0.0)
    return [level for level in chart.levels if level.value <= FAR * highest]


def named_spans(chart: Chart) -> list[Span]:
    """The spans that are wide enough for their names."""
    x = of_x(chart)
    return [s for s in chart.spans if x.share(s.end) - x.share(s.start) > LETTER * len(s.name)]


def _scale(axis: Axis, values: Iterable[float]) -> Scale:
    found = [value for value in values if math.isfinite(value)]
    low, high = min(found), max(found)
    if axis.is_log:
        reach = (high / low) ** ROOM if high > low else 1.5
        low, high = low / reach, high * reach
        marks = axis.ticks or tuple(ticks.logarithmic(low, high))
        return Scale(low=low, high=high, is_log=True, ticks=marks)
    if axis.from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    reach = ROOM * ((high - low) or abs(high) or 1.0)
    low, high = low - reach * (not axis.from_zero or low < 0), high + reach
    marks = axis.ticks or tuple(t for t in ticks.linear(low, high) if low <= t <= high)
    return Scale(low=low, high=high, is_log=False, ticks=marks)

"""A chart as plotly's JSON, made without plotly's Python, which takes longer than all the rest.

Colours of text and ground are left out: the page sets them, light or dark, when it draws.
"""

from collections.abc import Sequence
from typing import Any

from embprof.interface.chart import COLOURS, Axis, Bars, Chart, Curve
from embprof.report.charts import scale
from embprof.report.charts.scale import Scale
from embprof.units import number

SYMBOLS = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
ROW = 34
"""Pixels of a row of bars."""
HEIGHT = 380
LABELLED = 9
"""Points from which on labels would cover each other."""
BESIDE = 130
"""Pixels above and below bars: axis, legend."""


def figure(chart: Chart) -> dict[str, Any]:
    """``data`` and ``layout``."""
    count = len(chart.names)
    layout: dict[str, Any] = {
        "height": ROW * len(chart.y.names) + BESIDE if chart.bars else HEIGHT,
        "margin": {"l": 64, "r": 16, "t": 12 if count < 2 else 40, "b": 56},  # noqa: PLR2004
        "xaxis": _axis(chart.x, scale.of_x(chart)),
        "yaxis": _rows(chart) if chart.bars else _axis(chart.y, scale.of_y(chart)),
        "showlegend": count > 1,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hovermode": "closest",
        "barmode": "overlay",
        "shapes": [*_levels(chart), *_spans(chart)],
        "annotations": _level_names(chart),
    }
    data = [_bars(bars, at, chart) for at, bars in enumerate(chart.bars)]
    data += [_curve(curve, chart) for curve in chart.curves]
    return {"data": data, "layout": layout}


def _axis(axis: Axis, places: Scale) -> dict[str, Any]:
    made: dict[str, Any] = {"title": {"text": axis.title}, "automargin": True, "zeroline": False}
    if axis.is_log:
        made["type"] = "log"
    if axis.ticks:
        made |= {"tickmode": "array", "tickvals": list(axis.ticks)}
        made["ticktext"] = [f"{tick:,g}" for tick in axis.ticks]
    elif axis.is_log:
        made |= {"tickmode": "array", "tickvals": list(places.ticks)}
        made["ticktext"] = [number(tick) for tick in places.ticks]
    elif axis.from_zero:
        made["rangemode"] = "tozero"
    return made


def _rows(chart: Chart) -> dict[str, Any]:
    """Names of rows; where each row is one bar, its figure too, which an interval would cover."""
    names = list(chart.y.names)
    if len(chart.bars) == 1 and len(chart.bars[0].labels) == len(names):
        names = [
            f"{name}: {label}" for name, label in zip(names, chart.bars[0].labels, strict=True)
        ]
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "autorange": "reversed",
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
    }


def _curve(curve: Curve, chart: Chart) -> dict[str, Any]:
    at = chart.names.index(curve.name)
    colour = COLOURS[at % len(COLOURS)]
    few = len(curve.x) <= 40  # noqa: PLR2004  (more markers would hide their line)
    text = [*curve.labels] or [curve.name] * len(curve.x)
    mode = "markers" if not curve.is_line else "lines+markers" if few else "lines"
    if curve.labels and len(curve.x) <= LABELLED:
        mode += "+text"
    made: dict[str, Any] = {
        "type": "scatter",
        "name": curve.name,
        "x": list(curve.x),
        "y": list(curve.y),
        "mode": mode,
        "textposition": _inwards(curve.x),
        "line": {"color": colour, "width": 2, "dash": "dash" if curve.is_dashed else "solid"},
        "marker": {"color": colour, "size": 9, "symbol": SYMBOLS[at % len(SYMBOLS)]},
        "text": text,
        "hovertemplate": (
            f"%{{text}}<br>{chart.x.title}: %{{x:,.4~g}}<br>{chart.y.title}: %{{y:,.4~g}}"
            "<extra></extra>"
        ),
    }
    if curve is not next(one for one in chart.curves if one.name == curve.name):
        made["showlegend"] = False
    if curve.has_intervals:
        made["error_y"] = _errors(curve.y, curve.low, curve.high, colour)
    return made


def _inwards(x: Sequence[float]) -> list[str]:
    """Where the label of each point has room: on the side of the other half."""
    middle = (min(x, default=0.0) + max(x, default=0.0)) / 2
    return ["top right" if one < middle else "top left" for one in x]


def _bars(bars: Bars, at: int, chart: Chart) -> dict[str, Any]:
    colour = COLOURS[at % len(COLOURS)]
    made: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "name": bars.name,
        "y": list(bars.rows),
        "x": list(bars.length),
        "base": list(bars.start),
        "marker": {"color": colour},
        "width": 0.7,
        "text": list(bars.labels) if len(chart.bars) > 1 else None,
        "textposition": "inside",
        "textangle": 0,
        "insidetextanchor": "middle",
        "customdata": [chart.y.names[row] for row in bars.rows],
        "hovertemplate": (
            f"%{{customdata}}: {bars.name}<br>{chart.x.title}: %{{x:,.4~g}}<extra></extra>"
        ),
    }
    ends = tuple(s + n for s, n in zip(bars.start, bars.length, strict=True))
    if any(value is not None for value in bars.low):
        made["error_x"] = _errors(ends, bars.low, bars.high, "#777777")
    return made


def _errors(
    values: tuple[float, ...],
    low: tuple[float | None, ...],
    high: tuple[float | None, ...],
    colour: str,
) -> dict[str, Any]:
    known = list(zip(values, low, high, strict=True))
    return {
        "type": "data",
        "symmetric": False,
        "array": [0 if top is None else top - value for value, _, top in known],
        "arrayminus": [0 if bottom is None else value - bottom for value, bottom, _ in known],
        "color": colour,
        "thickness": 1.5,
        "width": 4,
    }


def _levels(chart: Chart) -> list[dict[str, Any]]:
    return [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": level.value,
            "y1": level.value,
            "line": {"dash": "dot", "width": 1.5, "color": "#888888"},
        }
        for level in scale.drawn_levels(chart)
    ]


def _level_names(chart: Chart) -> list[dict[str, Any]]:
    return [
        {
            "xref": "paper",
            "x": 1,
            "xanchor": "right",
            "y": level.value,
            "yanchor": "bottom",
            "text": level.name,
            "showarrow": False,
        }
        for level in scale.drawn_levels(chart)
    ]


def _spans(chart: Chart) -> list[dict[str, Any]]:
    """Every second one shaded, as in the SVG."""
    wide = scale.named_spans(chart)
    return [
        {
            "type": "rect",
            "layer": "below",
            "yref": "paper",
            "x0": span.start,
            "x1": span.end,
            "y0": 0,
            "y1": 1,
            "fillcolor": f"rgba(136, 136, 136, {0.15 * (at % 2):g})",
            "line": {"width": 0},
            "label": {"text": span.name if span in wide else "", "textposition": "top center"},
        }
        for at, span in enumerate(chart.spans)
    ]

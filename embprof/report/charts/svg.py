"""A chart as SVG, written out by hand: a few milliseconds, no library, the same bytes every time.

Text takes the colour of its surroundings, so a picture within a page is dark or light as the page
is. A file of its own has a white ground.
"""

import math
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from embprof.interface.chart import COLOURS, Bars, Chart, Curve, plain
from embprof.report.charts import scale, ticks
from embprof.report.charts.scale import Scale
from embprof.units import number

WIDTH = 760
HEIGHT = 300
"""Height of the plot of a chart of curves."""
ROW, GAP = 22, 10
TITLE_SIZE, SIZE = 15, 12
LETTER = 0.56
"""Width of an average letter of a sans-serif face in terms of its size; some to spare."""
DARK = ("#0072B2", "#D55E00", "#009E73", "#6A51A3")
"""Colours that black text cannot be read on."""
LEFT_OUT = 9
"""Points from which on a curve's own labels would cover each other."""
MARKERS = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
    "M-3.6 -3.6h7.2v7.2h-7.2Z",
    "M0 -4.8L4.6 3.6H-4.6Z",
    "M0 -5L5 0L0 5L-5 0Z",
    "M0 4.8L4.6 -3.6H-4.6Z",
    "M-4 -1.4h2.6v-2.6h2.8v2.6h2.6v2.8h-2.6v2.6h-2.8v-2.6h-2.6Z",
)
"""A shape a curve beside its colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Where the plot lies on the paper, and where values lie in it."""

    left: float
    top: float
    width: float
    height: float
    x: Scale
    y: Scale | None

    def across(self, value: float) -> float:
        return self.left + self.width * self.x.share(value)

    def up(self, value: float) -> float:
        assert self.y is not None
        return self.top + self.height * (1 - self.y.share(value))

    def row(self, number: int) -> float:
        """The middle of a row of bars."""
        return self.top + (ROW + GAP) * (number + 0.5)

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def right(self) -> float:
        return self.left + self.width


def svg(chart: Chart, *, alone: bool = True, is_noted: bool = False) -> str:
    """The picture; ``alone``: as a file of its own, else as a part of a page.

    ``is_noted`` puts its note below it, where no page says the note.
    """
    title = textwrap.wrap(chart.title, int(WIDTH / TITLE_SIZE / LETTER)) if alone else []
    note = textwrap.wrap(chart.note, int(WIDTH / SIZE / LETTER)) if is_noted else []
    legend = list(_legend(chart))
    head = len(title) * (TITLE_SIZE + 5) + (6 if title else 0)
    names = SIZE if chart.spans else 0
    frame = _frame(chart, head + (SIZE + 12) * len(legend) + 10 + names)
    foot = frame.bottom + 2 * SIZE + 26
    height = foot + (SIZE + 5) * len(note)
    drawn = [
        *(
            f'<text x="8" y="{(TITLE_SIZE + 5) * (at + 1):g}" font-size="{TITLE_SIZE}" '
            f'font-weight="600">{escape(line)}</text>'
            for at, line in enumerate(title)
        ),
        *(
            f'<g transform="translate(8 {head + (SIZE + 12) * (at + 0.5):g})">{line}</g>'
            for at, line in enumerate(legend)
        ),
        *_spans(chart, frame),
        *_axes(chart, frame),
        *(part for at, bars in enumerate(chart.bars) for part in _bars(bars, frame, at, chart)),
        *(
            part
            for curve in chart.curves
            for part in _curve(curve, frame, chart.names.index(curve.name))
        ),
        *_levels(chart, frame),
        *(_text(8, foot + SIZE + (SIZE + 5) * at, line) for at, line in enumerate(note)),
    ]
    ground = f'<rect width="{WIDTH}" height="{height:g}" fill="#fff"/>' if alone else ""
    colour = ' style="color:#1a1a1a"' if alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
        f'width="{WIDTH}" height="{height:g}" role="img" fill="currentColor" '
        f'font-family="system-ui, sans-serif" font-size="{SIZE}"{colour}>'
        f"<title>{escape(chart.title)}</title>{ground}{''.join(drawn)}</svg>\n"
    )


def _frame(chart: Chart, top: float) -> _Frame:
    across = scale.of_x(chart)
    if chart.bars:
        left = 24 + max(_width(name) for name in chart.y.names)
        height = (ROW + GAP) * len(chart.y.names)
        return _Frame(left=left, top=top, width=WIDTH - left - 24, height=height, x=across, y=None)
    upward = scale.of_y(chart)
    left = 44 + max(_width(number(tick)) for tick in upward.ticks)
    return _Frame(left=left, top=top, width=WIDTH - left - 24, height=HEIGHT, x=across, y=upward)


def _axes(chart: Chart, frame: _Frame) -> Iterator[str]:
    places = [frame.across(tick) for tick in frame.x.ticks]
    widest = max(_width(_tick(tick)) for tick in frame.x.ticks)
    for tick in ticks.thinned(frame.x.ticks, places, widest + 8):
        x = frame.across(tick)
        yield _line(x, frame.top, x, frame.bottom, opacity=0.12 if chart.bars else 0.06)
        yield _text(x, frame.bottom + SIZE + 6, _tick(tick), "middle")
    if frame.y is not None:
        for tick in frame.y.ticks:
            y = frame.up(tick)
            yield _line(frame.left, y, frame.right, y, opacity=0.12)
            yield _text(frame.left - 8, y + SIZE / 3, _tick(tick), "end")
        middle = frame.top + frame.height / 2
        yield (
            f'<text transform="translate(18 {middle:.1f}) rotate(-90)" text-anchor="middle">'
            f"{escape(chart.y.title)}</text>"
        )
        yield _line(frame.left, frame.bottom, frame.right, frame.bottom, opacity=0.6)
    for row, name in enumerate(chart.y.names):
        yield _text(frame.left - 8, frame.row(row) + SIZE / 3, name, "end")
    middle = frame.left + frame.width / 2
    yield _text(middle, frame.bottom + 2 * SIZE + 16, chart.x.title, "middle")


def _spans(chart: Chart, frame: _Frame) -> Iterator[str]:
    """Every second one shaded; their names above them."""
    for span in chart.spans[1::2]:
        x, end = frame.across(span.start), frame.across(span.end)
        yield (
            f'<rect x="{x:.1f}" y="{frame.top:g}" width="{end - x:.1f}" height="{frame.height:g}" '
            f'fill-opacity="0.08"/>'
        )
    for span in scale.named_spans(chart):
        yield _text(frame.across((span.start + span.end) / 2), frame.top - 4, span.name, "middle")


def _curve(curve: Curve, frame: _Frame, at: int) -> Iterator[str]:
    colour = COLOURS[at % len(COLOURS)]
    places = [
        (frame.across(x), frame.up(y))
        for x, y in zip(curve.x, curve.y, strict=True)
        if math.isfinite(x) and math.isfinite(y)
    ]
    dashes = ' stroke-dasharray="6 4"' if curve.is_dashed else ""
    if curve.is_line:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield (
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
        )
    for (x, _), low, high in zip(places, curve.low, curve.high, strict=False):
        if low is not None and high is not None:
            yield _reach((x, frame.up(low)), (x, frame.up(high)), colour)
    if len(places) <= 4 * LEFT_OUT or not curve.is_line:
        marker = MARKERS[at % len(MARKERS)]
        for x, y in places:
            yield f'<path d="{marker}" transform="translate({x:.1f} {y:.1f})" fill="{colour}"/>'
    if len(places) <= LEFT_OUT:
        for (x, y), label in zip(places, curve.labels, strict=False):
            is_right = x + 10 + _width(label) > WIDTH
            yield _text(x - 8 if is_right else x + 8, y - 6, label, "end" if is_right else "start")


def _bars(bars: Bars, frame: _Frame, at: int, chart: Chart) -> Iterator[str]:
    colour = COLOURS[at % len(COLOURS)] if len(chart.bars) > 1 else COLOURS[0]
    for index, row in enumerate(bars.rows):
        start, length = bars.start[index], bars.length[index]
        x, end = sorted((frame.across(start), frame.across(start + length)))
        y = frame.row(row) - ROW / 2
        yield (
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(end - x, 0.5):.1f}" height="{ROW}" '
            f'fill="{colour}"/>'
        )
        reach = end
        low = bars.low[index] if index < len(bars.low) else None
        high = bars.high[index] if index < len(bars.high) else None
        if low is not None and high is not None:
            middle = frame.row(row)
            reach = max(end, frame.across(high))
            yield _reach((frame.across(low), middle), (frame.across(high), middle), None)
        label = bars.labels[index] if index < len(bars.labels) else ""
        if label and len(chart.bars) == 1:
            yield _bar_label(label, x, reach, frame.row(row), frame)
        elif label and end - x > _width(label) + 4:
            yield _inside(label, (x + end) / 2, frame.row(row), "middle", colour)


def _bar_label(label: str, start: float, end: float, middle: float, frame: _Frame) -> str:
    """Beyond the bar where there is room, before it where there is some, else where it begins."""
    y, wide = middle + SIZE / 3, _width(label)
    if end + 6 + wide <= frame.right + 18:
        return _text(end + 6, y, label)
    if start - 6 - wide >= frame.left:
        return _text(start - 6, y, label, "end")
    return _inside(label, start + 6, middle, "start", COLOURS[0])


def _inside(label: str, x: float, middle: float, anchor: str, colour: str) -> str:
    ink = "#fff" if colour in DARK else "#000"
    return (
        f'<text x="{x:.1f}" y="{middle + SIZE / 3:.1f}" text-anchor="{anchor}" fill="{ink}">'
        f"{escape(label)}</text>"
    )


def _levels(chart: Chart, frame: _Frame) -> Iterator[str]:
    for level in scale.drawn_levels(chart) if frame.y is not None else ():
        y = frame.up(level.value)
        yield (
            f'<line x1="{frame.left:.1f}" x2="{frame.right:.1f}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 3"/>'
        )
        yield _text(frame.right, y - 5, level.name, "end")


def _legend(chart: Chart) -> Iterator[str]:
    """Lines of entries, where there is more than one thing to tell apart."""
    if len(chart.names) < 2:  # noqa: PLR2004
        return
    line, x = "", 0.0
    for at, name in enumerate(chart.names):
        wide = 20 + _width(name) + 16
        if x and x + wide > WIDTH - 16:
            yield line
            line, x = "", 0.0
        mark = MARKERS[at % len(MARKERS)] if not chart.bars else "M-5 -5h10v10h-10Z"
        colour = COLOURS[at % len(COLOURS)]
        line += f'<path d="{mark}" transform="translate({x + 8:.1f} 0)" fill="{colour}"/>'
        line += _text(x + 20, SIZE / 3, name)
        x += wide
    yield line


def _reach(a: tuple[float, float], b: tuple[float, float], colour: str | None) -> str:
    """An interval: a line with a cap at either end."""
    (x1, y1), (x2, y2) = a, b
    dx, dy = (4, 0) if x1 == x2 else (0, 4)
    path = (
        f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"
        f"M{x1 - dx:.1f} {y1 - dy:.1f}L{x1 + dx:.1f} {y1 + dy:.1f}"
        f"M{x2 - dx:.1f} {y2 - dy:.1f}L{x2 + dx:.1f} {y2 + dy:.1f}"
    )
    return f'<path d="{path}" fill="none" stroke="{colour or "currentColor"}" stroke-width="1.5"/>'


def _line(x1: float, y1: float, x2: float, y2: float, *, opacity: float) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="currentColor" '
        f'stroke-opacity="{opacity:g}"/>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}"{where}>{escape(text)}</text>'


def _tick(value: float) -> str:
    return plain(value) if abs(value) >= 1 or value == 0 else number(value)


def _width(text: str) -> float:
    """The width of a text on paper, about."""
    return LETTER * SIZE * len(text)


def alt(chart: Chart) -> str:
    """What the picture shows, for those who cannot see it."""
    return f"{chart.title} ({chart.y.title or 'bars'} against {chart.x.title})"

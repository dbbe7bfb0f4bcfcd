"""A picture before anyone has drawn it: data, axes with units, and a title that says the finding.

One description is drawn twice: as SVG that is looked at where nothing runs (Markdown, print), and
by plotly where a pointer can ask for figures. Both have the same numbers, and so does the table
that stands under the picture for those who cannot see it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from embprof.units import number

COLOURS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999", "#6A51A3"),
    "#F0E442",
)
"""Told apart by the colour-blind and on white as on black; the yellow only as a bar.
Source of all but the eighth: Okabe and Ito 2008, "Color Universal Design", without its black."""
MOST_CURVES = 6
"""That can still be told apart; a chart says how many it leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """``title`` ends with the unit. ``ticks`` are the values to name, where not any will do.

    ``names`` are what stands beside whole numbers from 0, the uppermost first: an axis of bars.
    """

    title: str
    is_log: bool = False
    from_zero: bool = True
    ticks: tuple[float, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Points in order of x. ``low`` and ``high`` bound an interval, None where there is none.

    Those of one name look alike: the same thing, seen again.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    labels: tuple[str, ...] = ()
    is_line: bool = True
    is_dashed: bool = False

    @property
    def has_intervals(self) -> bool:
        """Whether any point has one."""
        return any(value is not None for value in self.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Horizontal bars from ``start`` on, one per row; ``low`` and ``high`` bound their ends.

    Several of them in a chart stand end to end.
    """

    name: str
    rows: tuple[int, ...]
    start: tuple[float, ...]
    length: tuple[float, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A value of y that points are seen against: a budget, a target."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of x that has a name of its own: a phase."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """``name`` is that of its file; ``note`` says how to read it, and what it leaves out."""

    name: str
    title: str
    x: Axis
    y: Axis
    curves: tuple[Curve, ...] = ()
    bars: tuple[Bars, ...] = ()
    levels: tuple[Level, ...] = ()
    spans: tuple[Span, ...] = ()
    note: str = ""

    @property
    def names(self) -> list[str]:
        """What is to be told apart: its place here is its colour."""
        return list(dict.fromkeys(part.name for part in self.bars or self.curves))

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Headings and rows that say the same."""
        if self.bars:
            return ["", "part", self.x.title, "95 % interval"], list(self._of_bars())
        return ["", self.x.title, self.y.title, "95 % interval"], list(self._of_curves())

    def _of_curves(self) -> Iterator[list[str]]:
        for curve in self.curves:
            for at, (x, y) in enumerate(zip(curve.x, curve.y, strict=True)):
                name = curve.labels[at] if curve.labels else curve.name
                yield [name, plain(x), number(y), interval(curve.low, curve.high, at)]

    def _of_bars(self) -> Iterator[list[str]]:
        for bars in self.bars:
            for at, (row, length) in enumerate(zip(bars.rows, bars.length, strict=True)):
                ends = interval(bars.low, bars.high, at)
                yield [self.y.names[row], bars.name, number(length), ends]


def interval(low: Sequence[float | None], high: Sequence[float | None], at: int) -> str:
    """The ends of one of many intervals; empty where it has none."""
    if at >= len(low) or (bottom := low[at]) is None or (top := high[at]) is None:
        return ""
    return f"{number(bottom)} to {number(top)}"


def plain(value: float) -> str:
    """A value that was chosen, as it was chosen: 8, 1,024, 0.5."""
    return f"{value:,.0f}" if value == round(value) else number(value)

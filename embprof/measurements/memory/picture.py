"""Memory over the life of a process: at rest, at its high-water marks, phase by phase."""

import dataclasses
from collections.abc import Iterator, Sequence

from embprof.config import subject
from embprof.interface.chart import Axis, Chart, Curve, Level, Span
from embprof.interface.readings import restarts
from embprof.measurements.memory import phases
from embprof.model import Run, Slice
from embprof.report.charts import scale
from embprof.report.charts.svg import svg
from embprof.units import number

BEFORE_CALLS = phases.NAMES[:3]
"""Those of which no slice tells."""
WORDS = {"imports": "imports", "load": "load", "warmup": "warm-up", "measured": "measured"}
LIMITED = {"peak_rss_mb": "peak", "steady_rss_mb": "at rest"}
MOST_POINTS = 400

Points = list[tuple[float, float]]


def draw(run: Run, slices: Sequence[Slice]) -> str:
    """The SVG: resident memory in MB over seconds, limits as lines; empty without readings."""
    lives = [life for life in restarts(slices) if any(piece.values("elapsed") for piece in life)]
    if not lives:
        return ""
    at_rest = [
        over_time("at rest", [*_before_calls(life, ""), *readings(life, "steady_rss")])
        for life in lives
    ]
    # Dashed, for where calls need next to nothing it lies on the other.
    peaks = [
        over_time(
            "high-water mark",
            [*_before_calls(life, "_peak"), *readings(life, "peak_rss")],
            is_dashed=True,
        )
        for life in lives
    ]
    limits = [
        Level(name=f"limit {word} {number(limit)}", value=limit)
        for metric, word in LIMITED.items()
        if (limit := run.config.get("limits", {}).get(metric)) is not None
    ]
    chart = Chart(
        name="memory",
        title=_title(run),
        x=Axis(title="time since loading began in s"),
        y=Axis(title="resident memory in MB"),
        curves=(*at_rest, *peaks),
        levels=tuple(limits),
        spans=tuple(_phases(lives[-1])),
    )
    far = [level for level in limits if level not in scale.drawn_levels(chart)]
    note = "; ".join(f"{level.name}: far above" for level in far)
    return svg(dataclasses.replace(chart, note=note), is_noted=True)


def over_time(name: str, points: Points, *, is_dashed: bool = False) -> Curve:
    """A curve of as many of the points as a picture can show."""
    kept = points[:: max(1, -(-len(points) // MOST_POINTS))]
    return Curve(
        name=name, x=tuple(x for x, _ in kept), y=tuple(y for _, y in kept), is_dashed=is_dashed
    )


def readings(slices: Sequence[Slice], quantity: str) -> Points:
    """Seconds and MB: the largest value of each slice, at its end."""
    return [
        (elapsed[-1], max(values))
        for piece in slices
        if (elapsed := piece.values("elapsed")) and (values := piece.values(quantity))
    ]


def _ends(life: Sequence[Slice]) -> tuple[dict[str, float], Slice | None]:
    """When each phase of a process ended, and the slice that tells."""
    last = next((piece for piece in reversed(life) if piece.values("phase_ends")), None)
    if last is None:
        return {}, None
    names = [name for name in phases.NAMES if last.values(f"phase_{name}")]
    return dict(zip(names, last.values("phase_ends"), strict=False)), last


def _before_calls(life: Sequence[Slice], mark: str) -> Iterator[tuple[float, float]]:
    """Memory at the end of each phase, or its high-water mark."""
    ends, last = _ends(life)
    size = 0.0
    for name in BEFORE_CALLS:
        if last is not None and name in ends:
            taken = last.values(f"phase_{name}{mark}")[-1]
            size = taken if mark else size + taken
            yield ends[name], size


def _phases(life: Sequence[Slice]) -> Iterator[Span]:
    """Those that can be seen."""
    ends, _ = _ends(life)
    began = ends.pop("harness", 0.0)
    for name, end in {**ends, "measured": readings(life, "elapsed")[-1][0]}.items():
        if name in WORDS:
            yield Span(name=WORDS[name], start=began, end=end)
            began = end


def _title(run: Run) -> str:
    peak, at_rest = run.value("peak_rss_mb"), run.value("steady_rss_mb")
    growth = run.value("rss_growth_mb_per_min")
    figures = [f"peak {number(peak)} MB"] if peak is not None else []
    figures += [f"at rest {number(at_rest)} MB"] if at_rest is not None else []
    figures += [f"growth {number(growth)} MB/min"] if growth is not None else []
    config = run.config
    callers = config["measurement"].get("concurrency", 1)
    at_once = f", {callers} callers" if callers > 1 else ""
    setting = subject.setting(config, "batch_size", "text_length")
    return f"{', '.join(figures)} ({setting}, {config['device']}{at_once})"

"""Readings over time as series of metrics, so that MLflow's chart shows how memory went.

A slice that says when it was read (``elapsed``, seconds since its process began) gives a point of
each quantity beside it. A step is a second; processes of a job follow each other. Of what falls
into one step the largest is kept for a high-water mark, the last for anything else, and a job that
ran for long has longer steps: never more than POINTS of a quantity, so a chart stays quick.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from embprof.interface.readings import ELAPSED
from embprof.model import Samples, Slice
from embprof.units import metric_name

GROUP = "over_time/"
"""MLflow puts metrics with one beginning below one heading. A figure of the run (its peak) keeps
its own name, of which the table shows the latest value."""
POINTS = 1000
FEWEST = 3
"""Points that show a course; phases that are read once are figures already."""


class Point(NamedTuple):
    """One value of a series; ``timestamp`` is in milliseconds, ``step`` in seconds."""

    name: str
    value: float
    timestamp: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """All points of a run's series; ``note`` says how many readings they stand for, if not all."""

    points: tuple[Point, ...] = ()
    note: str | None = None


def course(slices: Iterable[Slice], started: str) -> Course:
    """What the slices show over time, warm-up included; nothing where none says when it was."""
    pieces = iter(slices)
    first = next(pieces, None)
    if first is None or not first.values(ELAPSED):
        return Course()
    readings = list(_readings([first, *pieces]))
    span = readings[-1][0] - readings[0][0] if readings else 0.0
    length = max(1, math.ceil(span / POINTS))
    series: dict[str, dict[int, float]] = {}
    for seconds, samples in readings:
        value = _of(samples)
        if value is None or not math.isfinite(value):
            continue
        steps = series.setdefault(metric_name(samples.name, samples.unit), {})
        step = length * math.floor(seconds / length)
        is_mark = samples.summary == "largest" and step in steps
        steps[step] = max(steps[step], value) if is_mark else value
    origin = datetime.fromisoformat(started).timestamp()
    points = tuple(
        Point(
            name=f"{GROUP}{name}", value=value, timestamp=round(1000 * (origin + step)), step=step
        )
        for name, steps in series.items()
        if len(steps) >= FEWEST
        for step, value in steps.items()
    )
    times = len({seconds for seconds, _ in readings})
    note = f"a point each {length} s of {times} readings" if length > 1 else None
    return Course(points=points, note=note if points else None)


def _readings(pieces: Sequence[Slice]) -> Iterator[tuple[float, Samples]]:
    """Each quantity with its time; a process begins where the one before it ended."""
    offset, latest, restart = 0.0, 0.0, pieces[0].restart
    for piece in pieces:
        times = piece.values(ELAPSED)
        if not times:
            continue
        if piece.restart != restart:
            offset, restart = latest, piece.restart
        latest = offset + times[-1]
        for samples in piece.samples:
            if samples.name != ELAPSED and samples.values:
                yield latest, samples


def _of(samples: Samples) -> float | None:
    """One value of a slice's readings; a count of what was done in it has no course."""
    if samples.summary == "total":
        return None
    return max(samples.values) if samples.summary == "largest" else samples.values[-1]

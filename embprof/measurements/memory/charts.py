"""Memory over time, of the runs that were watched longest."""

from collections.abc import Iterator

from embprof.interface.chart import Axis, Chart, Curve
from embprof.measurements.memory.picture import over_time, readings
from embprof.report import phrases
from embprof.report.study import Answer, Study, labels
from embprof.units import number

LEAST_SECONDS = 60.0
"""Runs that were watched for less have no picture over time."""
WATCHED = 3
"""Runs of which memory is drawn over time."""
LEAST_READINGS = 8


def draw(study: Study) -> Iterator[Chart]:
    """The runs that were watched longest."""
    watched = [a for a in study.of("memory") if _watched_seconds(a) >= LEAST_SECONDS]
    watched.sort(key=_watched_seconds, reverse=True)
    curves: list[Curve] = []
    for answer, label in zip(watched[:WATCHED], labels(watched[:WATCHED]), strict=True):
        slices = [piece for piece in answer.slices() if not piece.warmup]
        kinds = (("steady_rss", "at rest"), ("peak_rss", "peak"))
        for name, kind in kinds if len(watched) == 1 else kinds[:1]:
            name_of_curve = kind if len(watched) == 1 else f"{kind}, {label}"
            curve = over_time(name_of_curve, readings(slices, name))
            if len(curve.x) >= LEAST_READINGS:
                curves.append(curve)
    if curves:
        yield Chart(
            name="memory_over_time",
            title=_growth(watched[0]),
            x=Axis(title="seconds since the process was started"),
            y=Axis(title="resident memory in MB"),
            curves=tuple(curves),
            note="A point a slice, read while nobody calls; its peak is what the kernel saw.",
        )


def _watched_seconds(answer: Answer) -> float:
    return answer.run.seconds.get("measured", 0.0)


def _growth(answer: Answer) -> str:
    growth = answer.estimate("rss_growth_mb_per_min")
    if growth is None:
        return f"Memory at rest ends at {number(answer.value('steady_rss_mb') or 0.0)} MB"
    return f"Memory at rest changes by {phrases.bounded(growth, 'MB/min')}"

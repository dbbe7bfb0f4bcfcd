"""The pictures of a study: what is drawn where people would rather look than read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from embprof.measurements.leak import charts as leak
from embprof.measurements.load import charts as load
from embprof.measurements.memory import charts as memory
from embprof.measurements.profile import bars
from embprof.measurements.profile import charts as profiles
from embprof.measurements.throughput import charts as throughput
from embprof.measurements.throughput import latency_chart
from embprof.report.charts.chart import Chart
from embprof.report.study import Study
from embprof.workloads.vector_search import charts as recall

__all__ = ["DRAWN", "Chart", "charts"]

DRAWN: tuple[Callable[[Study], Iterator[Chart]], ...] = (
    throughput.draw,
    latency_chart.draw,
    load.draw,
    memory.draw,
    bars.draw,
    leak.draw,
    profiles.draw,
    recall.draw,
)
"""In the order of the report."""


def charts(study: Study) -> list[Chart]:
    """Every picture that the study has the figures for."""
    return [chart for draw in DRAWN for chart in draw(study)]

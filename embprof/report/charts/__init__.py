"""The pictures of a study: what is drawn where people would rather look than read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from embprof.findings.study import Study
from embprof.report.charts import bars, latency, leak, load, memory, profiles, recall, throughput
from embprof.report.charts.chart import Chart

__all__ = ["DRAWN", "Chart", "charts"]

DRAWN: tuple[Callable[[Study], Iterator[Chart]], ...] = (
    throughput.draw,
    latency.draw,
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

"""The pictures of a study: what is drawn where people would rather look than read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from embprof.report.charts.chart import Chart
from embprof.report.study import Study

__all__ = ["Chart", "charts"]


def charts(study: Study) -> list[Chart]:
    """Every picture that the study has the figures for."""
    return [chart for draw in _drawn() for chart in draw(study)]


def _drawn() -> tuple[Callable[[Study], Iterator[Chart]], ...]:
    """In the order of the report; imported late, for subjects draw with the modules beside this."""
    from embprof.measurements.leak import charts as leak
    from embprof.measurements.load import charts as load
    from embprof.measurements.load_time import charts as load_time
    from embprof.measurements.memory import charts as memory
    from embprof.measurements.profile import bars
    from embprof.measurements.profile import charts as profiles
    from embprof.measurements.throughput import charts as throughput
    from embprof.measurements.throughput import latency_chart
    from embprof.workloads.vector_search import charts as recall

    return (
        throughput.draw,
        latency_chart.draw,
        load.draw,
        memory.draw,
        bars.draw,
        load_time.draw,
        leak.draw,
        profiles.draw,
        recall.draw,
    )

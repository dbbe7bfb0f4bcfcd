"""Service time of a call against batch size: what a larger batch costs the caller who waits."""

from collections.abc import Iterator

from embprof.interface.chart import Axis, Chart
from embprof.report import phrases
from embprof.report.charts import along
from embprof.report.study import Study
from embprof.units import number

PERCENTILES = ("p50", "p95", "p99")


def draw(study: Study) -> Iterator[Chart]:
    """Percentiles of the longest series of batch sizes."""
    for series in along.shown(study.series("batch_size"))[:1]:
        curves = [
            curve
            for name in PERCENTILES
            if (curve := along.curve(series, along.of_name(f"latency_{name}_ms"), name)) is not None
        ]
        if not curves:
            return
        first = curves[0]
        yield Chart(
            name="latency_by_batch_size",
            title=f"A call of {first.x[-1]:,.0f} takes {number(first.y[-1])} ms ({first.name}), "
            f"one of {first.x[0]:,.0f} takes {number(first.y[0])} ms{phrases.of(series)}",
            x=Axis(
                title="batch size",
                is_log=along.is_spread(curves),
                ticks=along.ticks(curves),
            ),
            y=Axis(title="service time of a call in ms"),
            curves=tuple(curves),
            note="One caller that waits for each answer. Bars are 95 % intervals; p95 is known "
            "from 72 calls on, p99 from 368.",
        )

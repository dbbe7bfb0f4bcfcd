"""Which figures of a run the table shows, by the measurement that read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from embprof.measurements.leak import columns as leak
from embprof.measurements.load.columns import capacity, closed_loop, open_loop
from embprof.measurements.load_time import columns as load_time
from embprof.measurements.memory import columns as memory
from embprof.measurements.profile import columns as profile
from embprof.measurements.throughput import columns as throughput
from embprof.measurements.truncation_loss import columns as truncation_loss
from embprof.model import Run
from embprof.report.columns import own, quality
from embprof.report.columns.column import Column, throughput_of
from embprof.workloads.pipeline import columns as tail

OF_MEASUREMENTS: Mapping[str, Callable[[Sequence[Run]], list[Column]]] = {
    "embprof.measurements.capacity.Capacity": capacity.columns,
    "embprof.measurements.closed_loop.ClosedLoop": closed_loop.columns,
    "embprof.measurements.leak.Leak": leak.columns,
    "embprof.measurements.memory.Memory": memory.columns,
    "embprof.measurements.open_loop.OpenLoop": open_loop.columns,
    "embprof.measurements.load_time.LoadTime": load_time.columns,
    "embprof.measurements.profile.Profile": profile.columns,
    "embprof.measurements.truncation_loss.TruncationLoss": truncation_loss.columns,
}
"""Columns of the measurements that come with embprof and read no throughput, by import path."""


def columns(runs: Sequence[Run], measurement: str) -> list[Column]:
    """The columns for these runs of one measurement, named by its import path."""
    with_figures = [run for run in runs if run.figures]
    if measurement in OF_MEASUREMENTS:
        return OF_MEASUREMENTS[measurement](with_figures)
    if with_figures and not any(throughput_of(run) for run in with_figures):
        return own.columns(with_figures)
    beside = (tail, quality)
    return [
        *throughput.columns(with_figures),
        *(column for more in beside for column in more.columns(with_figures)),
    ]

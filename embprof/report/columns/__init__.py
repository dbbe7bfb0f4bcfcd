"""Which figures of a run the table shows, by the measurement that read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from embprof.model import Run
from embprof.report.columns import (
    leak,
    load_time,
    memory,
    own,
    profile,
    throughput,
    truncation_loss,
)
from embprof.report.columns.column import Column, throughput_of

OF_MEASUREMENTS: Mapping[str, Callable[[Sequence[Run]], list[Column]]] = {
    "embprof.measurements.leak.Leak": leak.columns,
    "embprof.measurements.memory.Memory": memory.columns,
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
    return throughput.columns(with_figures)

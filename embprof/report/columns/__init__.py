"""Which figures of a run the table shows, by the measurement that read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from embprof.model import Run
from embprof.report.columns import own, throughput
from embprof.report.columns.column import Column, throughput_of

OF_MEASUREMENTS: Mapping[str, Callable[[Sequence[Run]], list[Column]]] = {}
"""Columns of the measurements that come with embprof and read no throughput, by import path."""


def columns(runs: Sequence[Run], measurement: str) -> list[Column]:
    """The columns for these runs of one measurement, named by its import path."""
    with_figures = [run for run in runs if run.figures]
    if measurement in OF_MEASUREMENTS:
        return OF_MEASUREMENTS[measurement](with_figures)
    if with_figures and not any(throughput_of(run) for run in with_figures):
        return own.columns(with_figures)
    return throughput.columns(with_figures)

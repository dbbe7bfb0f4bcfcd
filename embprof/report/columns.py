"""Which figures of a run the table shows: those that its measurement and its workload name."""

import dataclasses
from collections.abc import Callable, Sequence

from embprof.interface import faults
from embprof.interface.column import (
    Column,
    interval,
    items_of,
    spread,
    text,
    throughput_of,
    value,
    whole,
)
from embprof.interface.subjects import Subject, subject, workload_of
from embprof.interface.workload import QUALITY
from embprof.model import Run
from embprof.units import with_unit

FAULTY = "!"
"""In a cell whose column, which an account gave, failed."""
QUANTITIES = 3
"""Quantities of a third-party measurement, with intervals, that fit into 100 columns."""


def columns(runs: Sequence[Run], measurement: str) -> list[Column]:
    """The columns for these runs of one measurement, named by its import path."""
    with_figures = [run for run in runs if run.figures]
    measured = subject(measurement)
    found = _own(measured, with_figures)
    if found is None:
        found = _general(with_figures)
    if not measured.account.has_room:
        return found
    by_workload: dict[str, list[Run]] = {}
    for run in with_figures:
        by_workload.setdefault(workload_of(run.config).target, []).append(run)
    for workload, of_it in by_workload.items():
        found += _own(subject(workload), of_it) or []
    return [*found, *_of_quality(with_figures)]


def of_calls(runs: Sequence[Run]) -> list[Column]:
    """The columns of runs with a throughput: what a study of an embedding service asks for."""
    return [
        Column(heading=f"{items_of(runs)}/s", cell=lambda run: text(throughput_of(run))),
        Column(heading="±", cell=lambda run: spread(throughput_of(run), run)),
        value("latency_p50_ms", "p50 ms", spare=1),
        value("latency_p95_ms", "p95 ms", spare=4),
        value("latency_p99_ms", "p99 ms", spare=5),
        whole("cpu_percent", "CPU %", spare=2),
        whole("peak_rss_mb", "peak MB", spare=3),
    ]


def _own(whose: Subject, runs: Sequence[Run]) -> list[Column] | None:
    """What its account shows of the runs; None where it leaves that to us."""
    make = whose.account.columns
    if make is None:
        return None
    made = faults.ask(whose.target, "its columns", lambda: faults.all_of(Column, make(runs)), None)
    return None if made is None else [_guarded(column, whose) for column in made]


def _general(runs: Sequence[Run]) -> list[Column]:
    """Throughput and service times where calls were timed, else the first quantities."""
    if not runs or any(throughput_of(run) for run in runs):
        return of_calls(runs)
    names = list(dict.fromkeys(figure.name for run in runs for figure in run.figures))
    return [column for name in names[:QUANTITIES] for column in (value(name, name), interval(name))]


def _of_quality(runs: Sequence[Run]) -> list[Column]:
    """How good the answers of a workload were, in its own order: ``recall@10``, ``agreement %``.

    A quantity may be read only for what it says together with others, and is no figure itself.
    """
    known = (
        run.figure(name) for run in runs for name in str(run.description.get(QUALITY) or "").split()
    )
    units = {figure.name: figure.unit for figure in known if figure is not None}
    headings = {
        name: with_unit(name, unit).replace("_at_", "@").replace("_", " ")
        for name, unit in units.items()
    }
    # The first is why the workload was measured; the others give way to figures of time.
    return [
        value(name, heading, spare=at and 5 + at)
        for at, (name, heading) in enumerate(headings.items())
    ]


def _guarded(column: Column, whose: Subject) -> Column:
    part = f"its column {column.heading}"

    def cell(run: Run, of: Callable[[Run], str] = column.cell) -> str:
        return faults.ask(whose.target, part, lambda: str(of(run)), FAULTY)

    return dataclasses.replace(column, cell=cell)

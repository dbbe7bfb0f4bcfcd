"""Which figures of a run the table shows: those that its measurement and its workload name."""

import dataclasses
from collections.abc import Callable, Sequence

from embprof.interface import faults
from embprof.interface.column import Column, throughput_of
from embprof.interface.subjects import Subject, subject, workload_of
from embprof.model import Run
from embprof.report.columns import calls, quality, quantities

FAULTY = "!"
"""In a cell of which the account's column failed."""


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
    return [*found, *quality.columns(with_figures)]


def _own(told: Subject, runs: Sequence[Run]) -> list[Column] | None:
    """What its account shows of the runs; None where it leaves that to us."""
    make = told.account.columns
    if make is None:
        return None
    made = faults.ask(told.target, "its columns", lambda: faults.all_of(Column, make(runs)), None)
    return None if made is None else [_guarded(column, told) for column in made]


def _general(runs: Sequence[Run]) -> list[Column]:
    """Throughput and service times where calls were timed, else the first quantities."""
    if runs and not any(throughput_of(run) for run in runs):
        return quantities.columns(runs)
    return calls.columns(runs)


def _guarded(column: Column, told: Subject) -> Column:
    part = f"its column {column.heading}"

    def cell(run: Run, of: Callable[[Run], str] = column.cell) -> str:
        return faults.ask(told.target, part, lambda: str(of(run)), FAULTY)

    return dataclasses.replace(column, cell=cell)

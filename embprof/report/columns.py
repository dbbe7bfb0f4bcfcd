"""Which figures of a run the table shows, and how a cell says them.

Runs with a throughput get the columns that a study of an embedding service asks for. Runs of
another's measurement get the first of its own quantities, each with its interval, so that no row
stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from embprof.model import Estimate, Figure, Run
from embprof.statistics.stopping import MIN_READINGS_TO_STOP
from embprof.units import number, percent

OWN_QUANTITIES = 3
"""Quantities of another's measurement that fit into 100 columns."""
STOPPED_BY_TIME = "max_seconds"
ROUGH = "~"
"""Marks an interval to be taken with care: few calls, or less precise than was asked."""
WIDE = 0.2
"""Half-width from which an interval is shown by its ends: it is lopsided, being one of
logarithms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A heading, and what stands below it for a run. The higher ``spare``, the sooner left out."""

    heading: str
    cell: Callable[[Run], str]
    spare: int = 0


def columns(runs: Sequence[Run]) -> list[Column]:
    """The columns for these runs."""
    with_figures = [run for run in runs if run.figures]
    if with_figures and not any(throughput_of(run) for run in with_figures):
        names = list(dict.fromkeys(figure.name for run in with_figures for figure in run.figures))
        return [column for name in names[:OWN_QUANTITIES] for column in _quantity(name)]
    return [
        Column(heading=f"{_items(with_figures)}/s", cell=lambda run: _said(throughput_of(run))),
        Column(heading="±", cell=lambda run: spread(throughput_of(run), run)),
        _value("latency_p50_ms", "p50 ms", spare=1),
        _value("latency_p95_ms", "p95 ms", spare=4),
        _value("latency_p99_ms", "p99 ms", spare=5),
        _whole("cpu_percent", "CPU %", spare=2),
        _whole("peak_rss_mb", "peak MB", spare=3),
    ]


def throughput_of(run: Run) -> Figure | None:
    """The run's throughput, under the name of what its workload works on."""
    return run.figure(f"throughput_{run.description.get('items', 'items')}_per_s")


def spread(figure: Figure | None, run: Run) -> str:
    """Half the interval in percent, or its two ends where it is wide; ``~`` before a rough one."""
    estimate = figure.estimate if figure is not None else None
    if estimate is None:
        return ""
    width = estimate.half_width
    if width is None or estimate.low is None or estimate.high is None:
        return "n/a"
    mark = ROUGH if is_rough(run) else ""
    if width <= WIDE:
        return mark + percent(width)
    return f"{mark}{number(estimate.low)}–{number(estimate.high)}"


def is_rough(run: Run) -> bool:
    """Whether the throughput's interval rests on few calls, or time was up before it was narrow."""
    throughput = throughput_of(run)
    if throughput is None or throughput.estimate is None or throughput.estimate.low is None:
        return False
    of_one_process = run.config["restarts"] == 1
    if of_one_process and throughput.estimate.n < MIN_READINGS_TO_STOP:
        return True
    width = throughput.estimate.half_width
    return run.stop == STOPPED_BY_TIME and width is not None and width > run.config["precision"]


def _items(runs: Sequence[Run]) -> str:
    """What all these runs work on, in the plural."""
    names = {str(run.description.get("items", "items")) for run in runs}
    return names.pop() if len(names) == 1 else "items"


def _quantity(name: str) -> list[Column]:
    return [
        _value(name, name),
        Column(heading="±", cell=lambda run: spread(run.figure(name), run)),
    ]


def _value(name: str, heading: str, *, spare: int = 0) -> Column:
    return Column(heading=heading, cell=lambda run: _said(run.figure(name)), spare=spare)


def _whole(name: str, heading: str, *, spare: int) -> Column:
    def cell(run: Run) -> str:
        figure = run.figure(name)
        estimate: Estimate | None = figure.estimate if figure is not None else None
        return "" if estimate is None else f"{estimate.value:,.0f}"

    return Column(heading=heading, cell=cell, spare=spare)


def _said(figure: Figure | None) -> str:
    """A value, or why there is none: ``n/a (n<368)`` as it is, a sentence as ``n/a``."""
    if figure is None:
        return ""
    if figure.estimate is not None:
        return number(figure.estimate.value)
    note = str(figure.note)
    return note if " " not in note.removeprefix("n/a ") else "n/a"

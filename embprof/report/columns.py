"""Which figures of a run the table shows, and how a cell says them.

Runs with a throughput get the columns that a study of an embedding service asks for. Runs of
another's measurement get the first of its own quantities, each with its interval, so that no row
stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from embprof.model import Estimate, Figure, Run
from embprof.units import number, percent

OWN_QUANTITIES = 3
"""Quantities of another's measurement that fit into 100 columns."""
STOPPED_BY_TIME = "max_seconds"
IMPRECISE = "~"
"""Marks an interval that is wider than the precision asked for, since time was up first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A heading, and what stands below it for a run."""

    heading: str
    cell: Callable[[Run], str]


def columns(runs: Sequence[Run], items: str) -> list[Column]:
    """The columns for these runs, whose workload calls its items ``items``."""
    names = list(dict.fromkeys(figure.name for run in runs for figure in run.figures))
    throughput = throughput_name(items)
    if names and throughput not in names:
        return [column for name in names[:OWN_QUANTITIES] for column in _quantity(name, name)]
    return [
        *_quantity(throughput, f"{items}/s"),
        *(_value_column(f"latency_p{q}_ms", f"p{q} ms") for q in (50, 95, 99)),
        _whole_column("cpu_percent", "CPU %"),
        _whole_column("peak_rss_mb", "peak MB"),
    ]


def throughput_name(items: str) -> str:
    """Metric name of the throughput of a workload that calls its items ``items``."""
    return f"throughput_{items}_per_s"


def is_imprecise(run: Run) -> bool:
    """Whether time was up before the throughput was known as precisely as was asked."""
    figure = run.figure(throughput_name(str(run.description.get("items", "items"))))
    if run.stop != STOPPED_BY_TIME or figure is None or figure.estimate is None:
        return False
    width = figure.estimate.half_width
    return width is None or width > run.config["precision"]


def _quantity(name: str, heading: str) -> list[Column]:
    def half_width(run: Run) -> str:
        estimate = _estimate(run, name)
        if estimate is None:
            return ""
        mark = IMPRECISE if is_imprecise(run) else ""
        width = estimate.half_width
        if width is None:
            return "n/a"
        return mark + (percent(width) if width <= 1 else ">100 %")

    return [_value_column(name, heading), Column(heading="±", cell=half_width)]


def _value_column(name: str, heading: str) -> Column:
    def cell(run: Run) -> str:
        figure: Figure | None = run.figure(name)
        if figure is None:
            return ""
        return number(figure.estimate.value) if figure.estimate else _short(str(figure.note))

    return Column(heading=heading, cell=cell)


def _whole_column(name: str, heading: str) -> Column:
    def cell(run: Run) -> str:
        estimate = _estimate(run, name)
        return "" if estimate is None else f"{estimate.value:,.0f}"

    return Column(heading=heading, cell=cell)


def _estimate(run: Run, name: str) -> Estimate | None:
    figure = run.figure(name)
    return figure.estimate if figure is not None else None


def _short(note: str) -> str:
    """A note as it fits into a cell: ``n/a (n<368)`` as it is, a sentence as ``n/a``."""
    return note if " " not in note.removeprefix("n/a ") else "n/a"

"""A column of the table at the end of a sweep, and the ways a cell says a figure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from embprof.interface.figure import throughput_name
from embprof.model import Figure, Run
from embprof.statistics.stopping import MIN_READINGS_TO_STOP
from embprof.units import number, percent

STOPPED_BY_TIME = "max_seconds"
ROUGH = "~"
"""Marks an interval to be taken with care: few calls, or less precise than the user wanted."""
WIDE = 0.2
"""Half-width from which an interval is shown by its ends: it is lopsided, being one of
logarithms."""
HOPELESS = 100
"""So many times the lower end is an upper one that says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A heading, and what stands below it for a run: a figure, or a word with ``is_word``.

    The higher ``spare``, the sooner it is left out for want of width. ``metric``: the figure that
    stands in it, which is never left out where a target or a limit is set for it.
    """

    heading: str
    cell: Callable[[Run], str]
    spare: int = 0
    is_word: bool = False
    metric: str = ""


def value(name: str, heading: str, *, spare: int = 0) -> Column:
    """The value of a figure with three significant digits."""
    return Column(
        heading=heading, cell=lambda run: text(run.figure(name)), spare=spare, metric=name
    )


def whole(name: str, heading: str, *, spare: int = 0) -> Column:
    """The value of a figure as a whole number."""

    def cell(run: Run) -> str:
        known = run.value(name)
        return "" if known is None else f"{known:,.0f}"

    return Column(heading=heading, cell=cell, spare=spare, metric=name)


def interval(name: str, *, spare: int = 0) -> Column:
    """Half the interval of a figure; stands beside its value."""
    return Column(heading="±", cell=lambda run: spread(run.figure(name), run), spare=spare)


def outcome(name: str, heading: str) -> Column:
    """An answer that is a word."""
    return Column(
        heading=heading, cell=lambda run: run.outcomes.get(name, "").replace("_", " "), is_word=True
    )


def text(figure: Figure | None) -> str:
    """A value, or why there is none: ``n/a (n<368)`` as it is, a sentence as ``n/a``."""
    if figure is None:
        return ""
    if figure.estimate is not None:
        return number(figure.estimate.value)
    note = str(figure.note)
    return note if " " not in note.removeprefix("n/a ") else "n/a"


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
    if estimate.high > HOPELESS * estimate.low:
        return f"{mark}too wide"
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


def items_of(runs: Sequence[Run]) -> str:
    """What all these runs work on, in the plural."""
    names = {str(run.description.get("items", "items")) for run in runs}
    return names.pop() if len(names) == 1 else "items"


def throughput_of(run: Run) -> Figure | None:
    """The run's throughput, under the name of what its workload works on."""
    return run.figure(throughput_name(items_of([run])))

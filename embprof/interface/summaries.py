"""How the readings of a quantity are summed up: what each ``Samples.summary`` stands for.

The figure of a run and what a race compares rows in are made by the same rule: it stands here
alone.
"""

from collections.abc import Callable, Mapping, Sequence

from embprof.model import Samples, Summary

CALL_TIME = "call_time"
"""Seconds of each call: the quantity that throughput and service times are made of."""


def mean(read: Sequence[float]) -> float:
    """The mean of readings; an interval for it is another matter."""
    return sum(read) / len(read)


TAKEN: Mapping[Summary, tuple[Callable[[Sequence[float]], float], str]] = {
    "largest": (max, "largest"),
    "last": (lambda read: read[-1], "last reading"),
    "total": (sum, "total"),
    "mean": (mean, "mean"),
}
"""By what of the readings is the figure: how it is taken, and what it rests on."""


def is_rate(samples: Samples) -> bool:
    """Whether the figure is items over seconds: so it is of calls, and of what says so itself."""
    return samples.summary == "rate" or samples.name == CALL_TIME


def items_of(samples: Samples) -> tuple[int, ...]:
    """Items of each reading; one each where they were not counted."""
    return samples.items or (1,) * len(samples.values)


def summed_up(every: Sequence[Samples]) -> float:
    """One number for all readings of one quantity; of a rate, the seconds that an item takes.

    Raises ZeroDivisionError for none, and for a rate of no items.
    """
    read = [value for samples in every for value in samples.values]
    first = every[0]
    if is_rate(first):
        return sum(read) / sum(sum(items_of(samples)) for samples in every)
    take, _ = TAKEN[first.summary]
    return take(read)

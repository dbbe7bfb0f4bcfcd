"""How the time of a gate is spent: restart pairs, slice pairs in each, calls in a slice.

Many restart pairs come first, since a verdict counts those; then slices, so that the arms alternate
quickly; calls in a slice last. Evidence: ``docs/explanation/verdicts.md``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_CALLS = 3
"""Calls of a slice, however long they are."""
FEWEST_SLICE_PAIRS = 2
"""Slice pairs of a restart pair: one in each order."""
MOST_CALLS = 100_000
ROW_SECONDS = 180.0
"""A row's time by default."""
GATE_SECONDS = 900.0
"""What rows share, when there are more than five."""
SHORTEST_ROW_SECONDS = 60.0
RESERVE = 0.15
"""Share of the time left that no restart pair plans to use: the next ones may load more slowly.

Nothing is lost by it: what a pair leaves over belongs to those after it, so 3 % stay unused in all.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A restart pair: slices are taken in twos of opposite order, so ``slice_pairs`` is even.

    Where every call is a restart of its own it is one slice pair of one call.
    """

    slice_pairs: int
    calls: int


def row_seconds(seconds: float | None, rows: int) -> float:
    """Seconds of a row after its first loading; where none are set 180, less of many rows."""
    if seconds is not None:
        return seconds
    return max(SHORTEST_ROW_SECONDS, min(ROW_SECONDS, GATE_SECONDS / max(rows, 1)))


def lay_out(
    paces: Sequence[float], *, seconds: float, loading: float, slice_seconds: float, pairs: int
) -> Layout:
    """The layout of the next restart pair, so that all ``pairs`` to come use ``seconds`` up.

    ``paces``: seconds of a call of each arm; ``loading``: seconds a restart pair needs beside its
    slices. Where they do not fit even with the fewest slices, the time decides how many are
    measured.
    """
    # Of the arms' mean: of the quicker one's, the slower one's slices might take minutes.
    calls = min(max(FEWEST_CALLS, math.ceil(2 * slice_seconds / sum(paces))), MOST_CALLS)
    fitting = int((seconds * (1 - RESERVE) / pairs - loading) / (calls * sum(paces)))
    return Layout(slice_pairs=max(fitting // 2 * 2, FEWEST_SLICE_PAIRS), calls=calls)


def shortest(layout: Layout, seconds: float) -> float:
    """Seconds of the fewest slices that a restart pair could do with, of one that took so long."""
    return seconds * min(1.0, FEWEST_SLICE_PAIRS / layout.slice_pairs)

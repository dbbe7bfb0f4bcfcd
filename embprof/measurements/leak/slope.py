"""Whether memory leaks, from how much of it is in use after each call, in two fresh processes.

A leak grows with the calls, for ever; a cache fills and stops. One process cannot tell them apart
while the cache still fills, so one makes N calls and the next 2N: a leak grows at one pace in the
first process, in the first N calls of the second and in its last N. Whatever slows down, comes in a
few steps, is given back or has come to rest at the end is no proven leak.

What can go wrong: readings of neighbouring calls resemble each other, and Theil-Sen's interval
takes them for independent, so it is made of the medians of 16 blocks of calls, not of readings. A
median over all pairs ignores what a few blocks do, which is its merit with outliers and would hide
the end of a fill or a drop, so those have rules of their own. What no series can show: a cache of
constant growth that is not full after 2N calls looks as a leak does (docs/explanation/leaks.md).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Word = Literal["leak", "no_leak", "growth_unproven"]
Array = NDArray[np.float64]

FLOOR = 64 * 1024 / 1000
"""Bytes a call below which growth is nobody's problem: 64 KiB in 1,000 calls."""
BLOCKS = 16
"""Blocks of the longer process, each of as many calls as one of the 8 of the shorter."""
FEWEST_IN_BLOCK = 4
"""Readings, on average; the calls between two are at most half a block."""
FEWEST_CALLS = 500
"""Calls of the longer process. Below, what a service sets up lazily looks like a leak: an embedding
service took 900 B a call in its first 50 calls, 90 in the next 450 and 10 after that."""
STRICT, SHOWN = 0.99, 0.95
"""Confidence of the interval that is judged, and of the one that is shown."""
WIDEST = 0.3
"""Width of the interval of the last half as a share of its pace: beyond, no slowing is seen."""
LEAST_PACE, MOST_PACE = 0.9, 1.5
"""Pace of the last half as a share of earlier ones. A cache that fills ever more slowly keeps 0.9
when N calls bring it a tenth of what it still lacks."""
LEAST_LATE_PACE = 0.7
"""The same of the last quarter and the one before, which are known half as well."""
MOST_IN_TWO = 0.5
"""Share of the growth in the two blocks of 16 that grew most: 2/15 where it is even."""
LEAST_GROWING = 0.7
"""Share of the blocks with at least a quarter of an even share of the growth."""
LONGEST_REST = 1.5
"""At the end, in waits for a rise as they were before."""
LEAST_KEPT = 0.75
"""Share of the growth that is never given back until the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """``in_use[i]`` bytes after ``calls[i]`` calls of one process, in order."""

    calls: Sequence[float] | Array
    in_use: Sequence[float] | Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """Bytes a call, with the bounds of the interval."""

    value: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """The width of the interval as a share of the value; infinite where nothing grows."""
        return (self.high - self.low) / self.value if self.value > 0 else math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """The verdict, the slope of the longer process (95 %; None: no slope), and why in words."""

    word: Word
    slope: Slope | None
    reason: str


def judge(shorter: Series | None, longer: Series, *, floor: float = FLOOR) -> Growth:
    """What two fresh processes show, one of N calls and one of 2N; ``floor`` in bytes a call.

    ``leak`` needs both; one process alone can show that nothing grows. Input that shows nothing
    (too short, not finite, out of order) is ``growth_unproven``, with the reason.
    """
    t, y = np.asarray(longer.calls, dtype=float), np.asarray(longer.in_use, dtype=float)
    if problem := _problem(t, y, BLOCKS):
        return Growth(word="growth_unproven", slope=None, reason=problem)
    blocks = _blocks(t, y, BLOCKS)
    slope = _slope(blocks, SHOWN)
    late = _slope(blocks[BLOCKS // 2 :], STRICT)
    if late.high <= floor or _late_growth(t, y) <= floor:
        return Growth(word="no_leak", slope=slope, reason="the last half of the calls kept nothing")
    doubts = [*_doubts_of_one(t, y, blocks, late, floor)]
    if shorter is None:
        doubts.append("one process cannot tell a leak from a cache that fills")
    else:
        doubts += _doubts_of_both(shorter, t, blocks, late)
    if doubts:
        return Growth(word="growth_unproven", slope=slope, reason=doubts[0])
    return Growth(word="leak", slope=slope, reason="it grows at one pace in both processes")


def _doubts_of_one(t: Array, y: Array, blocks: Array, late: Slope, floor: float) -> Iterator[str]:
    """What speaks against a leak in the longer process."""
    if t[-1] - t[0] < FEWEST_CALLS:
        yield f"fewer than {FEWEST_CALLS} calls"
    if min(_slope(blocks, STRICT).low, late.low) <= floor or late.width > WIDEST:
        yield "growth within the noise"
    steps = np.diff(blocks[:, 1])
    total = float(blocks[-1, 1] - blocks[0, 1])
    if total <= 0 or np.sort(steps)[-2:].sum() > MOST_IN_TWO * total:
        yield "growth in a few steps"
    elif np.mean(steps >= 0.25 * total / steps.size) < LEAST_GROWING:
        yield "growth with long rests"
    kept = _blocks(t, _floor(y), BLOCKS)[:, 1]
    if kept[-1] - kept[0] < LEAST_KEPT * total:
        yield "most of the growth was given back"
    third, last = blocks[BLOCKS // 2 : 3 * BLOCKS // 4], blocks[3 * BLOCKS // 4 :]
    if _slope(last, STRICT).value < LEAST_LATE_PACE * _slope(third, STRICT).value:
        yield "growth slowed down towards the end"
    if _rests_at_the_end(t, y):
        yield "growth had stopped by the end"


def _doubts_of_both(shorter: Series, t: Array, blocks: Array, late: Slope) -> Iterator[str]:
    """What speaks against growth that scales with the calls."""
    half = BLOCKS // 2
    t_short = np.asarray(shorter.calls, dtype=float)
    y_short = np.asarray(shorter.in_use, dtype=float)
    if problem := _problem(t_short, y_short, half):
        yield f"the shorter process: {problem}"
        return
    if not 1.8 <= (t[-1] - t[0]) / (t_short[-1] - t_short[0]) <= 2.2:  # noqa: PLR2004  (twice)
        yield "the longer process did not make twice the calls"
        return
    # The first quarter of N calls may still set things up; it is not held against a leak.
    for early in (_blocks(t_short, y_short, half)[half // 4 :], blocks[half // 4 : half]):
        pace = _slope(early, STRICT).value
        if not LEAST_PACE * pace <= late.value <= MOST_PACE * pace:
            yield "growth does not scale with the calls"
            return


def _problem(t: Array, y: Array, blocks: int) -> str | None:
    """Why these readings show nothing, if they do not."""
    fewest = FEWEST_IN_BLOCK * blocks
    if t.size < fewest or t.size != y.size:
        return f"{min(t.size, y.size)} readings, of {fewest} at least"
    if not (np.isfinite(t).all() and np.isfinite(y).all()):
        return "readings that are not finite"
    apart = np.diff(t)
    if (apart <= 0).any():
        return "readings out of order"
    if apart.max() > (t[-1] - t[0]) / blocks / 2:
        return "too many calls between two readings"
    return None


def _blocks(t: Array, y: Array, count: int) -> Array:
    """(count, 2): median call and median reading of blocks of equally many calls."""
    edges = np.searchsorted(t, np.linspace(t[0], t[-1], count + 1)[1:-1])
    pieces = zip(np.split(t, edges), np.split(y, edges), strict=True)
    return np.array([(np.median(calls), np.median(levels)) for calls, levels in pieces])


def _slope(blocks: Array, confidence: float) -> Slope:
    """Theil-Sen's slope of block medians, its interval by the normal approximation (Sen 1968).

    As ``scipy.stats.theilslopes``, without its ado, which is most of its time here.
    """
    n = blocks.shape[0]
    first, second = np.triu_indices(n, 1)
    rises = blocks[second] - blocks[first]
    slopes = np.sort(rises[:, 1] / rises[:, 0])
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    reach = z * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(round((slopes.size - reach) / 2) - 1, 0)
    high = min(round((slopes.size + reach) / 2), slopes.size - 1)
    return Slope(value=float(np.median(slopes)), low=float(slopes[low]), high=float(slopes[high]))


def _floor(y: Array) -> Array:
    """What was in use at each reading and stayed so until the end: the least of the later ones."""
    return np.asarray(np.minimum.accumulate(y[::-1])[::-1])


def _late_growth(t: Array, y: Array) -> float:
    """Bytes a call that the last half of the calls kept; its last readings may be transient."""
    kept = _floor(y)
    tail = max(t.size // BLOCKS, 1)
    return float(np.median(kept[-tail:]) - kept[t.size // 2]) / float(t[-1] - t[t.size // 2])


def _rests_at_the_end(t: Array, y: Array) -> bool:
    """Whether the last rise lies further back than any rise before had to wait for the next.

    A rise that counts is out of the noise (the usual excess over what is kept) and as large as the
    growth of an eighth of a block.
    """
    kept = _floor(y)
    rise = max(3 * float(np.median(y - kept)), float(kept[-1] - kept[0]) / BLOCKS / 8)
    waits = t - t[np.searchsorted(kept, kept - rise)]
    usual = waits[t.size // 4 : -max(t.size // BLOCKS, 1)]
    return bool(waits[-1] > LONGEST_REST * usual.max() + np.diff(t).max())

"""Races on simulated machines, whose truth is known: bursts, drift, slow waves, heavy tails."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embprof.run.order import Order
from embprof.run.race.pacing import is_in, slice_seconds
from embprof.statistics.race import RaceTest, Terms

STEP = 0.01
"""Seconds of the grid on which a machine's slowness is known."""
TERMS = Terms(alpha=0.01, bound=0.05, theta=0.01)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What makes calls longer beside their own noise.

    ``bursts``: the share of the time in which a neighbour makes calls 1.3 to 2.2 times as long, a
    second or so at a time; ``drift``: sd of a step of the slow drift, eight in a race; ``waves``:
    sd of a wave whose memory is two seconds.
    """

    bursts: float = 0.0
    drift: float = 0.0
    waves: float = 0.0

    def slowness(self, rng: np.random.Generator, seconds: float) -> NDArray[np.float64]:
        """How many times as long everything takes, on the grid."""
        n = int(seconds / STEP)
        logs = np.zeros(n)
        at = 0
        while self.bursts and at < n:
            on = 1 + int(rng.exponential(2 * self.bursts) / STEP)
            logs[at : at + on] += math.log(rng.uniform(1.3, 2.2))
            at += on + 1 + int(rng.exponential(2 * (1 - self.bursts)) / STEP)
        if self.drift:
            knots = np.cumsum(rng.normal(0, self.drift, 8))
            logs += np.interp(np.arange(n), np.linspace(0, n, 8), knots)
        if self.waves:
            from scipy.signal import lfilter

            memory = math.exp(-STEP / 2)
            steps = rng.normal(0, self.waves * math.sqrt(1 - memory**2), n)
            logs += lfilter([1], [1, -memory], steps)
        return np.exp(logs)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """``costs``: what an item costs in each row; ``calls``: seconds of a call; ``noise``: sd of the
    log time of what takes 0.1 s, less of longer calls; ``is_heavy``: that noise has heavy tails.
    """

    costs: tuple[float, ...]
    calls: tuple[float, ...]
    noise: float = 0.05
    is_heavy: bool = False


@dataclass(kw_only=True)
class Raced:
    """A race that is over: its test, the seconds that it took, when rows left."""

    test: RaceTest
    seconds: float
    left: dict[int, float] = field(default_factory=dict)


def race(machine: Machine, rows: Rows, *, seconds: float, seed: int) -> Raced:
    """Measures the rows as the engine does, in simulated time."""
    rng = np.random.default_rng(seed)
    slowness = machine.slowness(rng, 4 * seconds + 30)
    passed = np.concatenate([[0.0], np.cumsum(slowness)]) * STEP
    grid = np.arange(passed.size) * STEP
    numbers = tuple(range(len(rows.costs)))
    found = Raced(test=RaceTest(rows=numbers, terms=TERMS), seconds=0.0)
    test, order, live = found.test, Order(str(seed)), set(numbers)
    spent, quiet, rounds = 0.0, 0.0, 0
    while spent < seconds and live:
        paces = {row: rows.calls[row] for row in live}
        each = slice_seconds(paces, shortest=0.2, seconds=seconds)
        leader = test.leader
        known = {
            row for row in live if leader not in (None, row) and test.word(leader, row) != "open"
        }
        there = [row for row in live if is_in(paces[row], each, rounds, rarely=row in known)]
        for row in order.next(sorted(there)):
            count = max(1, round(each / rows.calls[row]))
            own = rows.calls[row] * _noise(rng, rows, row, count)
            ends = np.interp(quiet + np.concatenate([[0.0], np.cumsum(own)]), grid, passed)
            times = np.diff(ends)
            quiet += float(own.sum())
            spent += float(times.sum())
            costs = times * rows.costs[row] / rows.calls[row]
            test.costs[row].add(rounds, list(costs), float(times.sum()))
        rounds += 1
        if rounds % 2 == 0 and rounds >= test.next_look and spent < seconds:
            test.look(min(0.999, spent / seconds), rounds)
            needed = test.unsettled(live)
            if needed and test.leader is not None:
                needed.add(test.leader)
            found.left.update(dict.fromkeys(live - needed, spent))
            live &= needed
    test.look(1.0, rounds)
    found.seconds = spent
    return found


def _noise(rng: np.random.Generator, rows: Rows, row: int, count: int) -> NDArray[np.float64]:
    """Factors on the time of calls, one on average."""
    sd = rows.noise * math.sqrt(0.1 / rows.calls[row])
    if rows.is_heavy:
        return np.exp(np.minimum(sd * np.abs(rng.standard_t(2.2, count)), 4))
    return np.exp(rng.normal(-(sd**2) / 2, sd, count))


def wrong(found: Raced, rows: Rows) -> bool:
    """Whether a row is called slower than one that costs no less."""
    pairs = ((a, b) for a in range(len(rows.costs)) for b in range(len(rows.costs)) if a != b)
    return any(
        found.test.word(a, b) == "slower" and rows.costs[b] <= rows.costs[a]
        for a, b in pairs
        if {a, b} <= set(found.test.rows)
    )


def falsely_same(found: Raced, rows: Rows) -> bool:
    """Whether rows are called the same that differ by more than the bound."""
    pairs = ((a, b) for a in range(len(rows.costs)) for b in range(len(rows.costs)) if a < b)
    return any(
        found.test.word(a, b) == "same"
        and abs(math.log(rows.costs[b] / rows.costs[a])) > math.log1p(TERMS.bound) + 1e-9
        for a, b in pairs
    )


def told(found: Raced, rows: Rows, *, apart: float) -> float:
    """The share of pairs that differ by so much which are told apart."""
    known = [
        found.test.word(a, b) in ("slower", "faster")
        for a in range(len(rows.costs))
        for b in range(a)
        if abs(math.log(rows.costs[b] / rows.costs[a])) >= math.log1p(apart) - 1e-9
    ]
    return sum(known) / len(known) if known else math.nan

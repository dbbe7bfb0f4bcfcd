"""When a gate may decide, at which level, and what it then says.

The error that a row may make is spent over its looks (:mod:`embprof.statistics.sequential`); rows
of one gate share it equally at first. When all rows are measured, what the decided ones have spent
is handed on to the others (Holm's step down, with the looks kept: Ye, Li, Liu and Yao 2013,
Statistics in Medicine 32).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from embprof.model import Verdict
from embprof.statistics.pair_effect import Numbers
from embprof.statistics.paired_test import PairedTest, paired_test, smallest_detectable_change
from embprof.statistics.sequential import nominal_levels, spent
from embprof.statistics.verdict import judge

LEAST_SPENT = 1e-12
"""Share of the error below which no look is taken: it could decide next to nothing."""
MOST_LOOKS = 24
"""Before the last. More gain next to nothing, and planning hundreds takes minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a verdict needs to be told; ``alpha`` is that of the whole gate."""

    theta: float
    delta: float
    alpha: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at a row's effects says."""

    verdict: Verdict
    test: PairedTest


@dataclass(kw_only=True)
class Looks:
    """The looks at one row: ``alpha`` is the row's share."""

    pairs: int
    bounds: Bounds
    alpha: float
    _fractions: list[float] = field(default_factory=list, init=False)

    @cached_property
    def first(self) -> int:
        """The first number of restart pairs at which anything could be decided."""
        could = (
            count
            for count in range(2, self.pairs)
            if max(2.0 ** (1 - count), LEAST_SPENT) <= spent(count / self.pairs, self.alpha)
        )
        return next(could, self.pairs)

    @cached_property
    def planned(self) -> range:
        """The numbers of restart pairs at which there is a look, but for the last."""
        first = self.first
        return range(first, self.pairs, max(1, math.ceil((self.pairs - first) / MOST_LOOKS)))

    def look(self, effects: Sequence[Numbers], *, last: bool) -> Look | None:
        """The verdict on the restart pairs so far, None where it is no time to look.

        ``last``: no more will come, for whatever reason but what they show; then the whole share
        may be spent, however few they are.
        """
        count = len(effects)
        if not last and count not in self.planned:
            return None
        self._fractions.append(1.0 if last else count / self.pairs)
        return self.look_again(effects, self.alpha)

    def look_again(self, effects: Sequence[Numbers], alpha: float) -> Look:
        """The last look, with another share of the error."""
        level = nominal_levels(self._fractions, alpha)[-1]
        test = paired_test(effects, level=level, theta=self.bounds.theta)
        verdict = judge(test.low, test.high, theta=self.bounds.theta, delta=self.bounds.delta)
        return Look(verdict=verdict, test=test)

    def smallest_detectable(self, effects: Sequence[Numbers], pairs: int) -> float | None:
        """The least slowdown that the last of the planned looks, after ``pairs``, would find."""
        before = [count / self.pairs for count in self.planned if count < pairs]
        level = nominal_levels([*before, 1.0], self.alpha)[-1]
        return smallest_detectable_change(effects, pairs, alpha=level, theta=self.bounds.theta)

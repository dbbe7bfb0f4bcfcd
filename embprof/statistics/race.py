"""Which rows of a race are told apart, which are the same, and what is still open.

All words of a race together err at ``alpha``, the first wrong one included, whichever it is:

- A word rests on one of the two bounds of a pair, or on both, and is wrong only where a bound has
  passed the truth. k rows have k(k - 1) bounds, and at first each may err with its equal share
  (Bonferroni; the leader is chosen from the same readings, so pairs with the leader alone would not
  do: Hsu 1996, Multiple Comparisons, ch. 4).
- A bound that lies beyond ``theta`` says which row is slower. If that is true, this bound can bear
  no wrong word any more, and its share goes to the others (Holm 1979). Until the first of them errs
  all such bounds are true, so every bound that could bear a wrong word has at most ``alpha`` over
  the number of these, whatever they have to do with each other. The other bound of such a pair
  keeps its share: it might have said "same", or the reverse. Pairs that are the same hand nothing
  on. Shaffer's (1986) count of what can be true together is no help: of three rows those at the
  ends may differ by more than ``theta``, and neither from the one in between.
- Each bound spends its share over the looks (:mod:`embprof.statistics.sequential`); a larger share
  counts from the next look on as if it had been so from the first (Ye, Li, Liu and Yao 2013,
  Statistics in Medicine 32). It is spent as the time used to the power of 1.5, more evenly than a
  gate does: a race is won by rows that leave early, and its last look loses little.

A pair's bounds at all looks hold together, so what was ruled out once stays ruled out.

Of two rows that are alike each round is as likely to favour the one as the other, since the order
is drawn. So n rounds that all favour one come by chance with 2^(1 - n), whatever their spread, and
before that is below a pair's share nothing is said: a few rounds that met the same state of a
machine by chance have no spread to tell it by. It is the share, and not the level of a look, for n
rounds that all favour one do so at each look before. Evidence: ``docs/explanation/rounds.md``.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from embprof.race import TURNED, PairedRatio, PairWord
from embprof.statistics.leader import leader_of, ratio_of
from embprof.statistics.paired_costs import (
    FEWEST_ROUNDS,
    Effect,
    RowCosts,
    paired_effects,
)
from embprof.statistics.quantiles import student_t
from embprof.statistics.sequential import levels_of
from embprof.statistics.signed_rank import fewest_units
from embprof.statistics.trimmed_means import BANDS, Band

SPENDING = 1.5
"""Power of the share of time by which the error is spent (Kim and DeMets 1987, Biometrika 74)."""
NEXT_LOOK = 1.2
"""Rounds at the next look, as a multiple of those now."""

TINY = 1e-12  # an error below is none
_MANY = 30  # degrees of freedom by the time that more rounds are in


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What words must hold to; ``alpha`` is that of the whole race."""

    alpha: float
    bound: float
    theta: float

    def word(self, low: float, high: float) -> PairWord:
        """What log bounds say."""
        bound, theta = math.log1p(self.bound), math.log1p(self.theta)
        if low > high:  # one look erred; which one, nobody can tell
            return "open"
        if -bound <= low and high <= bound:
            return "same"
        if low > theta:
            return "slower"
        return "faster" if high < -theta else "open"


@dataclass(slots=True)
class _Pair:
    """Log bounds of what B costs beside A that no look has ruled out, and the last effect."""

    effect: Effect | None = None
    low: float = -math.inf
    high: float = math.inf

    def narrow(self, level: float, share: float) -> None:
        """Takes in the bounds of a look; ``share``: of the error, over all looks."""
        found = self.effect
        if found is None or found.rounds < fewest_units(share):
            return  # coins alone could do it: see the module's beginning
        reach = found.reach(level)
        self.low = max(self.low, found.log_ratio - reach)
        self.high = min(self.high, found.log_ratio + reach)


@dataclass(kw_only=True)
class RaceTest:
    """The test of a race of so many ``rows``, known by their numbers.

    Readings go to the ``costs`` of their row; :meth:`look` is called after rounds at which
    :attr:`next_look` is due, and once at the end.
    """

    rows: tuple[int, ...]
    terms: Terms
    bands: tuple[Band, ...] = BANDS
    by_call: bool = False
    costs: dict[int, RowCosts] = field(default_factory=dict, init=False)
    next_look: int = field(default=FEWEST_ROUNDS, init=False)
    leader: int | None = field(default=None, init=False)
    """The row that costs least, as of the last look; None before anything can be said."""
    _fractions: list[float] = field(default_factory=list, init=False)
    _pairs: dict[tuple[int, int], _Pair] = field(default_factory=dict, init=False)
    _share: float = field(default=0.0, init=False)
    """Each pair's share of the error, half of it for either side."""
    _most_sides: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.costs = {row: RowCosts() for row in self.rows}
        self._pairs = {pair: _Pair() for pair in combinations(self.rows, 2)}
        self._most_sides = 2 * len(self._pairs)
        self._share_out()

    def look(self, fraction: float, rounds: int) -> None:
        """Judges every pair, when this share of the time that may be used is over.

        No more than one look may be the last (1.0). A look that comes no later than the one before
        is none.
        """
        self.next_look = max(rounds + 1, math.ceil(rounds * NEXT_LOOK))
        fraction = min(fraction, 1.0)
        if self._fractions and fraction <= self._fractions[-1]:
            return
        self._fractions.append(fraction)
        news = [self._pairs[where] for where in self._news()]
        while True:
            share = self._share
            spending = [share * one**SPENDING for one in self._fractions]
            level = levels_of(spending, self._fractions)[-1]
            for pair in news:
                pair.narrow(level, share)
            self._share_out()
            if self._share <= share:
                break
        self._lead()

    def _share_out(self) -> None:
        """Hands on what bounds beyond theta had: see the module's beginning."""
        theta = math.log1p(self.terms.theta)
        sides = sum((one.low > theta) != (one.high < -theta) for one in self._pairs.values())
        self._share = 2 * self.terms.alpha / max(1, self._most_sides - sides)

    def _news(self) -> list[tuple[int, int]]:
        """Takes in the effects as they are now; the pairs that were in rounds since."""
        found = self._effects()
        news = []
        for where, effect in found.items():
            pair = self._pairs[where]
            if pair.effect is None or effect.rounds != pair.effect.rounds:
                pair.effect = effect
                news.append(where)
        return news

    def _effects(self) -> Mapping[tuple[int, int], Effect]:
        """The effect of every pair, by the band that bounds it best.

        Chosen for each by all pairs, whose weight is the larger the more alike their stretches are
        in length: bursts meet calls of a second otherwise than calls of 40 ms. A pair by itself
        would take the band whose error happens to look small.
        """
        by_band = {
            (a, b): found
            for a, b in self._pairs
            if (
                found := paired_effects(
                    self.costs[a], self.costs[b], self.bands, by_call=self.by_call
                )
            )
        }
        if not by_band:
            return {}
        reaches = [
            [max(TINY, one.reach(self._share)) for one in found] for found in by_band.values()
        ]
        seconds = {row: self.costs[row].call_seconds for pair in by_band for row in pair}
        lengths = np.log2([max(seconds[a], seconds[b]) for a, b in by_band])
        weights = 1 / (1 + (lengths[:, None] - lengths) ** 2)
        best = np.argmin(weights @ np.log(reaches), axis=1)
        return {
            pair: found[band] for (pair, found), band in zip(by_band.items(), best, strict=True)
        }

    def effect(self, a: int, b: int) -> Effect | None:
        """What was found last of B beside A."""
        if (a, b) in self._pairs:
            return self._pairs[a, b].effect
        found = self._pairs[b, a].effect
        return found and found.turned()

    def word(self, a: int, b: int) -> PairWord:
        """What is said of B beside A."""
        if (a, b) not in self._pairs:
            return TURNED[self.word(b, a)]
        pair = self._pairs[a, b]
        return self.terms.word(pair.low, pair.high)

    def _lead(self) -> None:
        """Works out who leads, once for all that ask before the next look.

        Rows were in different rounds, so their ratios do not fit together exactly. The costs are
        those that all ratios agree with best, each by what is known of it (least squares).
        """
        known = {pair: one.effect for pair, one in self._pairs.items() if one.effect is not None}
        self.leader = leader_of(self.rows, known)

    def unsettled(self, live: set[int]) -> set[int]:
        """The rows of those ``live`` that the answer still needs.

        A pair with the leader counts until there is a word on it. Another pair counts while its
        rows seem to differ by more than the bound: whoever asks which of two slower rows is the
        better wants to know that, and not which of two that are nearly alike.
        """
        leader = self.leader
        if leader is None:
            return set(live)
        wide = math.log1p(self.terms.bound)
        needed: set[int] = set()
        for (a, b), pair in self._pairs.items():
            if not {a, b} <= live or self.word(a, b) != "open":
                continue
            seems_wide = pair.effect is None or abs(pair.effect.log_ratio) > wide
            if leader in (a, b) or seems_wide:
                needed |= {a, b}
        return needed

    def drop(self, row: int) -> None:
        """Leaves a row out of all that is said from now on: it failed."""
        self._pairs = {pair: one for pair, one in self._pairs.items() if row not in pair}
        self.rows = tuple(one for one in self.rows if one != row)
        self._lead()

    def bounds(self, a: int, b: int) -> tuple[float, float]:
        """Log bounds of what B costs beside A that hold for all pairs and looks."""
        if (a, b) in self._pairs:
            pair = self._pairs[a, b]
            return pair.low, pair.high
        low, high = self.bounds(b, a)
        return -high, -low

    def pairs(self, seconds: float) -> Iterator[tuple[int, int, PairedRatio]]:
        """Every pair that was in common rounds, after so many ``seconds``; runs are not named."""
        for (a, b), pair in self._pairs.items():
            found = pair.effect
            if found is None:
                continue
            reach = found.reach()
            low, high = min(pair.low, pair.high), max(pair.low, pair.high)
            word = self.word(a, b)
            yield (
                a,
                b,
                PairedRatio(
                    a=str(a),
                    b=str(b),
                    ratio=ratio_of(found.log_ratio),
                    low=ratio_of(found.log_ratio - reach),
                    high=ratio_of(found.log_ratio + reach),
                    sure_low=ratio_of(low),
                    sure_high=ratio_of(high),
                    word=word,
                    rounds=found.rounds,
                    more_seconds=self._more(pair, seconds) if word == "open" else None,
                ),
            )

    def _more(self, pair: _Pair, seconds: float) -> float | None:
        """Seconds beyond those used that would settle a pair, if it is as it seems."""
        found = pair.effect
        if found is None or found.error == 0:
            return None
        size = abs(found.log_ratio)
        room = max(math.log1p(self.terms.bound) - size, size - math.log1p(self.terms.theta))
        reach = student_t(max(found.degrees, _MANY), 1 - self._share) * found.error
        if room <= 0:
            return None
        return max(0.0, seconds * ((reach / room) ** 2 - 1))

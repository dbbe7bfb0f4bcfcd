"""The nouns of a race: rows of a sweep that were measured in rounds, and how they stand.

A *round* is a slice of every row that is still in the race, in an order that was drawn. What is
compared is what two rows cost within the same rounds, so whatever the machine did meets both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PairWord = Literal["slower", "faster", "same", "open"]
"""``slower``, ``faster``: told apart; ``same``: within the bound of a race; ``open``: neither."""
TURNED: Mapping[PairWord, PairWord] = {
    "slower": "faster",
    "faster": "slower",
    "same": "same",
    "open": "open",
}
"""What is said of a pair, seen from the other row."""
StandingWord = Literal["fastest", "same", "slower", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedRatio:
    """What row ``b`` costs beside row ``a``, both named by their run ids: 1.03 is 3 % more.

    ``low`` and ``high`` bound the ratio at 95 %, as if this were the only pair that anybody looked
    at. ``sure_low`` and ``sure_high`` hold for all pairs and all looks of the race at once, with
    the error of the race; ``word`` is what they say of ``b``. Where it is ``open``,
    ``more_seconds`` is about what it would take, None where that cannot be said. ``rounds``: those
    that both were in.
    """

    a: str
    b: str
    ratio: float
    low: float
    high: float
    sure_low: float
    sure_high: float
    word: PairWord
    rounds: int
    more_seconds: float | None = None

    def turned(self) -> PairedRatio:
        """The same pair seen from the other row."""
        return PairedRatio(
            a=self.b,
            b=self.a,
            ratio=_inverse(self.ratio),
            low=_inverse(self.high),
            high=_inverse(self.low),
            sure_low=_inverse(self.sure_high),
            sure_high=_inverse(self.sure_low),
            word=TURNED[self.word],
            rounds=self.rounds,
            more_seconds=self.more_seconds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a row stands beside the leader; ``ratio``, ``low``, ``high`` as of costs, at 95 %.

    That the leader was chosen from the same readings is allowed for. ``rank``: 1 is the leader and
    all that are the same as it or not told from it; rows that are the same share one. None of a row
    that cannot be ranked, ``left`` then says why; of others it says why they left, and when.
    """

    run: str
    word: StandingWord | None
    rank: int | None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    rounds: int = 0
    left: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """A race that is over. ``figure``: the metric that its rows were compared in.

    ``alpha``: the chance that any word on any pair is wrong, at most. ``bound``: up to which share
    of a difference rows are the same for practical purposes. ``theta``: a difference too small to
    be called one. ``seed``: what the order of slices was drawn from. ``notes``: what a reader must
    know of how it was measured.
    """

    figure: str
    leader: str | None
    standings: tuple[Standing, ...]
    pairs: tuple[PairedRatio, ...]
    rounds: int
    seconds: float
    alpha: float
    bound: float
    theta: float
    seed: str
    notes: tuple[str, ...] = ()
    confidence: float = 0.95

    def pair(self, a: str, b: str) -> PairedRatio | None:
        """What ``b`` costs beside ``a``; None where they were never in one round."""
        for pair in self.pairs:
            if (pair.a, pair.b) == (a, b):
                return pair
            if (pair.a, pair.b) == (b, a):
                return pair.turned()
        return None

    def standing(self, run: str) -> Standing | None:
        """How a row stands; None if it was in another race."""
        return next((one for one in self.standings if one.run == run), None)


def _inverse(ratio: float) -> float:
    """The inverse, also of a bound: 0 and infinity say that nothing is known."""
    return 1 / ratio if ratio else math.inf

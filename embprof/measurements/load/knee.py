"""The highest rate that is kept, found with few tries: doubled until missed, then halved between.

A try near the knee is decided by chance, and a search that keeps the highest rate that passed keeps
the luckiest. So both ends of what is found are tried once more, the rate that was kept for longer;
where two tries of a rate contradict each other, another decides.

What others do on the machine makes a try worse and never better: a rate that was kept can be kept,
one that was missed meanwhile may be kept on another day. So a rate that was disturbed, or stayed
undecided, is tried again, and if it stays so nothing is concluded from it: the search goes on below
it, and the answer is a bracket from the rate that was kept to one that was missed beyond that.

Simulated with the tries of :mod:`~.load.rate_search` (50 targets long, resolution 5 %),
30 searches a case, one server, exponential and constant service times, 95 and 99 % of calls within
T. Where T is 20 service times, the rate that was found is on average 1-8 % below the true one, with
an sd of 3-6 %; where T is 100 of them, 0-2 % below, sd 2 %; where T is 5 of them, 13-51 % below, sd
6-16 %, because what is not decided is not claimed. No case was above by more than 8 %. (Before the
upper end was tried once more as well, which moves none of these by more than their sd.)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Word = Literal["kept", "missed", "undecided", "late", "disturbed"]
"""The result of a try. ``late``: the generator could not make the load, so nothing is known;
``disturbed``: it was missed, and what others did may be why."""
Ended = Literal["found", "below", "above", "late", "tries", "bracket"]
"""Why a search ended: ``below`` and ``above`` are the bounds of what can be tried, ``tries`` that
of tries or of time, ``bracket`` that what lies between was disturbed or stayed undecided."""
ENDED: tuple[Ended, ...] = ("found", "below", "above", "late", "tries", "bracket")
WORDS: tuple[Word, ...] = ("missed", "kept", "undecided", "late", "disturbed")
"""Both by the number that is read of them."""
Try = Callable[[float, float], Word]
"""Tries a rate, so many times as long as usual."""
HasTime = Callable[[float, float], bool]
"""Whether there is time left for such a try."""

CONFIRMED = 2.0
"""How many times as long the rate that was found is tried once more."""
MOST_TRIES = 30
AGAIN: Mapping[Word, int] = {"late": 1, "undecided": 1, "disturbed": 1}
"""How often a rate is tried again at once: a neighbour of a second is no reason to give up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knee:
    """``kept``: the highest rate that was; ``missed``: the lowest above it that surely was not.

    ``doubtful``: rates between them that were disturbed or undecided whenever they were tried.
    """

    kept: float | None
    missed: float | None
    ended: Ended
    doubtful: tuple[float, ...] = ()


def search(
    probe: Try,
    *,
    start: float,
    lowest: float,
    highest: float,
    resolution: float,
    has_time: HasTime = lambda _rate, _times: True,
) -> Knee:
    """The knee to within ``resolution`` (0.05: 5 %), beginning with ``start``.

    Raises ValueError unless ``lowest`` is above zero and ``start`` lies between it and ``highest``.
    """
    if not 0 < lowest <= start <= highest:
        raise ValueError(f"start={start}: must lie between {lowest} and {highest}")
    state = _Search(probe, has_time, start, resolution)
    while state.ended is None and (following := state.following()) is not None:
        rate, times = following
        if rate < lowest or rate > highest:
            state.ended = "below" if rate < lowest else "above"
        elif state.tries >= MOST_TRIES or not has_time(rate, times):
            state.ended = "tries"
        else:
            state.ask(rate, times)
    return state.answer()


@dataclass(slots=True)
class _Rate:
    """What came of the tries of a rate; ``is_confirmed`` where one of them was kept for longer."""

    kept: int = 0
    missed: int = 0
    is_doubtful: bool = False
    is_confirmed: bool = False

    @property
    def is_kept(self) -> bool:
        return self.kept > self.missed

    @property
    def is_missed(self) -> bool:
        return self.missed > self.kept

    @property
    def is_contradictory(self) -> bool:
        return self.kept == self.missed > 0 and not self.is_doubtful


@dataclass(slots=True)
class _Search:
    probe: Try
    has_time: HasTime
    start: float
    resolution: float
    ended: Ended | None = None
    tries: int = 0
    rates: dict[float, _Rate] = field(default_factory=dict)

    @property
    def ceiling(self) -> float | None:
        """The lowest rate that was not kept, above the highest that was confirmed."""
        sure = max((at for at, one in self.rates.items() if one.is_confirmed), default=0.0)
        found = (at for at, one in self.rates.items() if not one.is_kept and at > sure)
        return min(found, default=None)

    @property
    def kept(self) -> float | None:
        """The highest rate below that which was."""
        ceiling = self.ceiling
        found = (
            at
            for at, one in self.rates.items()
            if one.is_kept and (ceiling is None or at < ceiling)
        )
        return max(found, default=None)

    @property
    def missed(self) -> float | None:
        """The lowest rate above what was kept that was missed, and not only disturbed."""
        kept = self.kept or 0.0
        return min(
            (at for at, one in self.rates.items() if one.is_missed and at > kept), default=None
        )

    def following(self) -> tuple[float, float] | None:
        """The rate to try next and how long; None where all is known that can be."""
        for rate, one in self.rates.items():
            if one.is_contradictory:
                return rate, CONFIRMED
        kept, ceiling = self.kept, self.ceiling
        if kept is None or ceiling is None:
            return self._outwards(kept, ceiling), 1.0
        if self.missed is None and self.rates[ceiling].is_doubtful:
            return self._above(ceiling)  # a bracket has two ends: the upper one is soon known
        if not self._is_near(kept, ceiling):
            return (kept + ceiling) / 2, 1.0
        return self._once_more(kept, ceiling) or self._above(ceiling)

    def ask(self, rate: float, times: float) -> None:
        """Tries a rate, again where nothing can be concluded from that."""
        word, again = self._try(rate, times), 0
        while word in AGAIN and again < AGAIN[word] and self._may_try(rate, times):
            word, again = self._try(rate, times), again + 1
        one = self.rates.setdefault(rate, _Rate())
        if word == "late":
            del self.rates[rate]
            self.ended = "late"
        elif word == "kept":
            one.kept += 1
            one.is_confirmed = one.is_confirmed or times >= CONFIRMED
            one.is_doubtful = False
        elif word == "missed":
            one.missed += 1
            one.is_confirmed = False
        else:
            one.is_doubtful = True

    def answer(self) -> Knee:
        """What is known when the search is over."""
        kept, missed = self.kept, self.missed
        is_known = kept is not None and missed is not None
        top = float("inf") if missed is None else missed
        doubtful = sorted(
            at for at, one in self.rates.items() if one.is_doubtful and (kept or 0.0) <= at < top
        )
        ended = self.ended or "found"
        if kept is not None and missed is not None and ended in ("found", "tries", "above"):
            is_sure = ended == "found" and self._is_near(kept * (1 + self.resolution), missed)
            ended = "found" if is_sure and kept not in doubtful else "bracket"
        return Knee(
            kept=kept,
            missed=missed if is_known or kept is None else None,
            ended=ended,
            doubtful=tuple(doubtful),
        )

    def _try(self, rate: float, times: float) -> Word:
        self.tries += 1
        return self.probe(rate, times)

    def _may_try(self, rate: float, times: float) -> bool:
        return self.tries < MOST_TRIES and self.has_time(rate, times)

    def _is_near(self, low: float, high: float) -> bool:
        return high <= low * (1 + self.resolution) * (1 + 1e-9)

    def _outwards(self, kept: float | None, ceiling: float | None) -> float:
        if kept is not None:
            return kept * 2
        return self.start if ceiling is None else ceiling / 2

    def _once_more(self, kept: float, ceiling: float) -> tuple[float, float] | None:
        """Either end of what is found, until it was tried again."""
        if not (self.rates[kept].is_confirmed or self.rates[kept].is_doubtful):
            return kept, CONFIRMED
        return (ceiling, 1.0) if self.rates[ceiling].missed == 1 else None

    def _above(self, ceiling: float) -> tuple[float, float] | None:
        """Beyond rates of which nothing could be concluded, a rate that is missed is looked for."""
        missed = self.missed
        below = [at for at, one in self.rates.items() if one.is_doubtful and at >= ceiling]
        if missed is not None:
            below = [at for at in below if at < missed]
        if not below:
            return None
        top = max(below)
        if missed is None:
            return top * 2, 1.0
        if self.rates[missed].missed == 1:
            return missed, 1.0
        return None if self._is_near(top, missed) else ((top + missed) / 2, 1.0)

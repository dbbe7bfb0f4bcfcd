"""The highest rate that is kept, found with few tries: doubled until missed, then halved between.

A try near the knee is decided by chance, and a search that keeps the highest rate that passed keeps
the luckiest. So the rate that is found is tried once more, for longer, and the next below it if it
fails.

Simulated with the tries of :mod:`~.load.rate_search` (50 targets long, resolution 5 %),
30 searches a case, one server, exponential and constant service times, 95 and 99 % of calls within
T. Where T is 20 service times, the rate that was found is on average 1-8 % below the true one, with
an sd of 3-6 %; where T is 100 of them, 0-2 % below, sd 2 %; where T is 5 of them, 13-51 % below, sd
6-16 %, because what is not decided is not claimed. No case was above by more than 8 %.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Word = Literal["kept", "missed", "undecided", "late"]
"""The result of a try. ``late``: the generator could not make the load, so nothing is known."""
Ended = Literal["found", "below", "above", "late", "tries"]
"""Why a search ended: ``below`` and ``above`` are the bounds of what can be tried."""
ENDED: tuple[Ended, ...] = ("found", "below", "above", "late", "tries")
WORDS: tuple[Word, ...] = ("missed", "kept", "undecided", "late")
"""Both by the number that is read of them."""
Try = Callable[[float, float], Word]
"""Tries a rate, so many times as long as usual."""

CONFIRMED = 2.0
"""How many times as long the rate that was found is tried once more."""
MOST_TRIES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Knee:
    """``kept``: the highest rate that was; ``missed``: the lowest above it that was not."""

    kept: float | None
    missed: float | None
    ended: Ended


def search(probe: Try, *, start: float, lowest: float, highest: float, resolution: float) -> Knee:
    """The knee to within ``resolution`` (0.05: 5 %), beginning with ``start``.

    What is undecided counts as not kept. Raises ValueError unless ``lowest`` is above zero and
    ``start`` lies between it and ``highest``.
    """
    if not 0 < lowest <= start <= highest:
        raise ValueError(f"start={start}: must lie between {lowest} and {highest}")
    state = _Search(probe)
    rate = start
    while state.ended is None and not state.is_narrow(resolution):
        if state.tries >= MOST_TRIES:
            state.ended = "tries"
        elif rate < lowest or rate > highest:
            state.ended = "below" if rate < lowest else "above"
        else:
            state.ask(rate)
            rate = state.next_rate(rate)
    if state.ended is None:
        state.confirm(lowest, resolution)
    return Knee(kept=state.kept, missed=state.missed, ended=state.ended or "found")


@dataclass(slots=True)
class _Search:
    probe: Try
    kept: float | None = None
    missed: float | None = None
    ended: Ended | None = None
    tries: int = 0

    def is_narrow(self, resolution: float) -> bool:
        return (
            self.kept is not None
            and self.missed is not None
            and self.missed <= self.kept * (1 + resolution)
        )

    def ask(self, rate: float, times: float = 1.0) -> None:
        self.tries += 1
        word = self.probe(rate, times)
        if word == "late":  # a neighbour of a second is no reason to give up
            self.tries += 1
            word = self.probe(rate, times)
        if word == "late":
            self.ended = "late"
        elif word == "kept":
            self.kept = rate
        else:
            self.missed = rate

    def next_rate(self, rate: float) -> float:
        if self.kept is None:
            return rate / 2
        if self.missed is None:
            return rate * 2
        return (self.kept + self.missed) / 2

    def confirm(self, lowest: float, resolution: float) -> None:
        """Tries what was found for longer, and what is below it until it is kept."""
        assert self.kept is not None, "the search has narrowed"
        rate: float = self.kept
        while self.ended is None:
            self.kept = None
            self.ask(rate, CONFIRMED)
            if self.kept is not None:
                return
            rate /= 1 + resolution
            if rate < lowest:
                self.ended = "below"
            elif self.tries >= MOST_TRIES:
                self.ended = "tries"

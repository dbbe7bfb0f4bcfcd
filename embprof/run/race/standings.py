"""From the test of a race to what is said of each row beside the leader."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from embprof.race import PairedRatio, Standing, StandingWord
from embprof.statistics.leader import ratio_of
from embprof.statistics.paired_costs import Effect
from embprof.statistics.quantiles import student_t
from embprof.statistics.race import RaceTest
from embprof.statistics.selection import widening

LIKELY_ALIKE = 3.0
"""Standard errors from the leader within which a row may be as good as it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How the rows of a race stand. ``indirect``: rows that never met the leader in a round."""

    leader: int | None
    standings: tuple[Standing, ...]
    pairs: tuple[PairedRatio, ...]
    indirect: tuple[int, ...]


def table(
    test: RaceTest, runs: Mapping[int, str], left: Mapping[int, str | None], *, seconds: float
) -> Table:
    """The standings of all rows, in their order; ``runs``: run ids by the job's number.

    A row that met only rows which met the leader is compared through the one of these that is known
    best; the errors of both ratios are in its interval.
    """
    leader = test.leader
    pairs = tuple(replace(pair, a=runs[a], b=runs[b]) for a, b, pair in test.pairs(seconds))
    if leader is None:
        standings = [_unranked(run, left.get(row)) for row, run in runs.items()]
        return Table(leader=None, standings=tuple(standings), pairs=pairs, indirect=())
    effects = {row: _beside(test, leader, row) for row in test.rows if row != leader}
    factor = _widening(effects)
    standings, indirect = [], []
    for row, run in runs.items():
        why = left.get(row)
        if row == leader:
            rounds = len(test.costs[row].rounds)
            standings.append(
                Standing(
                    run=run, word="fastest", rank=1, ratio=1, low=1, high=1, rounds=rounds, left=why
                )
            )
            continue
        found = effects.get(row)
        if found is None:
            standings.append(_unranked(run, why))
            continue
        effect, (low, high), is_direct = found
        if not is_direct:
            indirect.append(row)
        reach = factor * student_t(effect.degrees) * effect.error
        word = test.terms.word(low, high)
        standings.append(
            Standing(
                run=run,
                word=_WORDS.get(word, "open"),
                rank=1 + _faster(test, row, leader, is_slower=word == "slower"),
                ratio=ratio_of(effect.log_ratio),
                low=_known(effect.log_ratio - reach),
                high=_known(effect.log_ratio + reach),
                rounds=len(test.costs[row].rounds),
                left=why,
            )
        )
    return Table(leader=leader, standings=tuple(standings), pairs=pairs, indirect=tuple(indirect))


_WORDS: Mapping[str, StandingWord] = {"same": "same", "slower": "slower"}
_Found = tuple[Effect, tuple[float, float], bool]


def _unranked(run: str, left: str | None) -> Standing:
    return Standing(run=run, word=None, rank=None, left=left or "too few rounds to compare it")


def _beside(test: RaceTest, leader: int, row: int) -> _Found | None:
    """What the row costs beside another, its bounds, and whether both met in rounds.

    Bounds of all pairs hold at once, so sums of them hold too.
    """
    direct = test.effect(leader, row)
    if direct is not None:
        return direct, test.bounds(leader, row), True
    found: list[tuple[Effect, tuple[float, float]]] = []
    for between in test.rows:
        if between in (leader, row):
            continue
        first, second = test.effect(leader, between), test.effect(between, row)
        if first is None or second is None:
            continue
        together = Effect(
            log_ratio=first.log_ratio + second.log_ratio,
            error=math.hypot(first.error, second.error),
            rounds=min(first.rounds, second.rounds),
            degrees=min(first.degrees, second.degrees),
        )
        sums = zip(test.bounds(leader, between), test.bounds(between, row), strict=True)
        low, high = (sum(ends) for ends in sums)
        found.append((together, (low, high)))
    if not found:
        return None
    effect, bounds = min(found, key=lambda one: one[0].error)
    return effect, bounds, False


def _known(log: float) -> float | None:
    """An end of an interval; None where it is no bound at all."""
    end = ratio_of(log)
    return end if 0 < end < math.inf else None


def _widening(effects: Mapping[int, _Found | None]) -> float:
    """The factor for having chosen the leader among the rows that may be as good."""
    near = sum(
        effect.log_ratio < LIKELY_ALIKE * effect.error
        for effect, _, _ in filter(None, effects.values())
    )
    return widening(max(2, 1 + near))


def _faster(test: RaceTest, row: int, leader: int, *, is_slower: bool) -> int:
    """How many rows were told to be faster, the leader among them if ``is_slower``."""
    others: Sequence[int] = [one for one in test.rows if one not in (row, leader)]
    met = [found for one in others if (found := _beside(test, one, row)) is not None]
    return int(is_slower) + sum(test.terms.word(*bounds) == "slower" for _, bounds, _ in met)

"""Races made of factors, as the engine would write them for runs that are there."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from embprof.race import PairedRatio, PairWord, Race, Standing, StandingWord
from embprof.report.study import Answer
from embprof.tracking.races import add_race

HALF, SURE = 1.02, 1.03
"""What an interval of a pair by itself, and one of all pairs together, reach beyond the ratio."""
BOUND, THETA = 0.05, 0.01


def race_of(costs: Mapping[str, float], **changes: Any) -> Race:
    """A race of rows with these costs by run id; words follow from its bounds."""
    leader = min(costs, key=lambda run: costs[run])
    pairs = tuple(_pair(a, b, costs[b] / costs[a]) for a, b in combinations(costs, 2))
    fields: dict[str, Any] = {
        "figure": "throughput_texts_per_s",
        "leader": leader,
        "standings": tuple(_standing(run, leader, costs) for run in costs),
        "pairs": pairs,
        "rounds": 40,
        "seconds": 83.0,
        "alpha": 0.01,
        "bound": BOUND,
        "theta": THETA,
        "seed": "seed",
    }
    return Race(**{**fields, **changes})


def raced(answers: Sequence[Answer], *costs: float, **changes: Any) -> Race:
    """The same of answers, kept in the folder of their sweep."""
    race = race_of(
        {one.run.run_id: cost for one, cost in zip(answers, costs, strict=True)}, **changes
    )
    folder = answers[0].folder
    assert folder is not None
    sweep = next(one for one in folder.parents if one.name == answers[0].run.sweep_id)
    add_race(sweep, race)
    return race


def _pair(a: str, b: str, ratio: float) -> PairedRatio:
    low, high = ratio / SURE, ratio * SURE
    word: PairWord = "open"
    if low > 1 + THETA:
        word = "slower"
    elif high < 1 - THETA:
        word = "faster"
    elif low > 1 - BOUND and high < 1 + BOUND:
        word = "same"
    return PairedRatio(
        a=a,
        b=b,
        ratio=ratio,
        low=ratio / HALF,
        high=ratio * HALF,
        sure_low=low,
        sure_high=high,
        word=word,
        rounds=40,
        more_seconds=38.0 if word == "open" else None,
    )


def _standing(run: str, leader: str, costs: Mapping[str, float]) -> Standing:
    pairs = [_pair(run, other, costs[other] / costs[run]) for other in costs if other != run]
    beside = _pair(leader, run, costs[run] / costs[leader])
    words: dict[str, StandingWord] = {"slower": "slower", "same": "same", "open": "open"}
    word: StandingWord = "fastest" if run == leader else words[beside.word]
    return Standing(
        run=run,
        word=word,
        rank=1 + sum(pair.word == "faster" for pair in pairs),
        ratio=1.0 if run == leader else beside.ratio,
        low=1.0 if run == leader else beside.low,
        high=1.0 if run == leader else beside.high,
        rounds=40,
        left="told slower after 12 rounds" if word == "slower" else None,
    )

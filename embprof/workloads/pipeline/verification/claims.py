"""The built-in claims, with what is known of each, in the orders in which they are asked about."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from embprof.corpora import labels
from embprof.corpora.pairs import Pair, Pairs
from embprof.workloads.pipeline.verification.verdict import Ruling

BUILT_IN = 104
Order = Literal["turn", "zipf"]
ZIPF = 0.8
"""Exponent of how often things are asked for by their rank. Source: 0.64 to 0.83 in six traces of
web requests (Breslau et al. 1999, Web Caching and Zipf-like Distributions, INFOCOM)."""
DECISIVE = {labels.SUPPORTS: Ruling.SUPPORTED, labels.REFUTES: Ruling.REFUTED}
"""Labels of passages that decide a claim: each claim has some, all of one label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """``truth``: the right verdict; ``decisive``: the texts of the passages that it rests on."""

    text: str
    truth: Ruling
    decisive: frozenset[str]


def draw(count: int, seed: int) -> list[Claim]:
    """So many of the built-in claims, the first of a random order that the seed decides."""
    every = _built_in()
    random.Random(seed).shuffle(every)
    return every[:count]


def endless(claims: Sequence[Claim], order: Order, seed: int) -> Iterator[Claim]:
    """``turn``: one after the other, again and again; ``zipf``: the first most often."""
    if order == "turn":
        yield from itertools.cycle(claims)
    rng = random.Random(seed)
    weights = list(itertools.accumulate((rank + 1) ** -ZIPF for rank in range(len(claims))))
    while True:
        yield rng.choices(claims, cum_weights=weights)[0]


def _built_in() -> list[Claim]:
    deciding: dict[str, list[Pair]] = {}
    for pair in Pairs().pairs():
        if pair.label in DECISIVE:
            deciding.setdefault(pair.claim, []).append(pair)
    return [
        Claim(
            text=claim,
            truth=DECISIVE[str(pairs[0].label)],
            decisive=frozenset(pair.evidence for pair in pairs),
        )
        for claim, pairs in deciding.items()
    ]

"""The built-in passages taken apart and put together anew: tens of thousands of distinct texts.

A search among 420 passages says nothing of one among 50,000. So their sentences are texts of their
own, and any two short ones together are another. Texts that share a sentence lie near each other
and none is twice there: weak clusters, as among the passages of one document. One sentence in
eight is held out for the queries (:mod:`embprof.corpora.questions`): no text contains it.
"""

import itertools
import random
import re
from dataclasses import dataclass

from embprof.corpora import Unit
from embprof.corpora.builtin import Builtin
from embprof.corpora.passages import Passages

SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
HELD_OUT = 8
"""One sentence in so many is a query, and part of no text."""
SHORT = 100
"""Characters of a sentence that is joined with another, at most: pairs of all would be 215
characters long, and take twice the time to embed."""
ORDER = 0
"""Seed of the order of the pairs, the same always, so that vectors kept from before can be used."""


def sentences() -> list[str]:
    """Every sentence of the built-in passages, once, in the order of the file."""
    found = (
        sentence
        for text in Builtin(name="evidence").texts()
        for sentence in SENTENCE_ENDS.split(text)
    )
    return list(dict.fromkeys(found))


def held_out() -> list[str]:
    """The sentences that are no part of any text."""
    return sentences()[::HELD_OUT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences(Passages):
    """704 sentences, then pairs of short ones in an order fixed for good: 59,000 texts in all."""

    unit: Unit = "characters"

    def texts(self) -> list[str]:
        """The texts; the first so many are the same however many are wanted."""
        every = sentences()
        kept = [text for at, text in enumerate(every) if at % HELD_OUT]
        short = [text for text in kept if len(text) <= SHORT]
        pairs = [f"{one} {other}" for one, other in itertools.combinations(short, 2)]
        random.Random(ORDER).shuffle(pairs)
        return [*kept, *pairs]

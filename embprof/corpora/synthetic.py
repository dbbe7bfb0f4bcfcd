"""Made-up text of exact length: common English words in random order.

For speed and memory only the number of tokens matters, so nonsense serves; its words are the common
ones of English prose, which gives the usual 4–5 characters a token. Quality figures need real text.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass

from embprof.corpora import DATA, CountTokens, Unit
from embprof.corpora.fit import fit, shortest_text
from embprof.corpora.lengths import Lengths

WORDS = tuple((DATA / "words.txt").read_text(encoding="utf-8").split())
"""About 230 common words of English prose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthetic:
    """English words in random order, cut to the length asked for."""

    unit: Unit = "characters"

    def fingerprint(self) -> str:
        """Hex SHA-256 of the vocabulary the texts are drawn from."""
        return hashlib.sha256(" ".join(WORDS).encode()).hexdigest()

    def stream(self, lengths: Lengths, seed: int, count_tokens: CountTokens) -> Iterator[str]:
        """Texts without end, the same for the same seed. Raises ValueError for ``own`` lengths."""
        rng = random.Random(seed)
        words = _endless(rng)
        shortest = shortest_text(self.unit, count_tokens)
        while True:
            length = lengths.draw(rng, shortest=shortest)
            if length is None:
                raise ValueError("text_length=own: synthetic text has no length of its own")
            yield fit(words, length, self.unit, count_tokens)


def _endless(rng: random.Random) -> Iterator[str]:
    while True:
        yield from rng.choices(WORDS, k=64)

"""A finite list of texts as an endless, seeded stream: shuffled anew each time round."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from embprof.corpora import CountTokens, Unit
from embprof.corpora.fit import fit, shortest_text
from embprof.corpora.lengths import Lengths

T = TypeVar("T")


class Passages(Protocol):
    """A corpus that has an end: what a class that says its texts has of every corpus."""

    __slots__ = ()

    @property
    def unit(self) -> Unit:
        """What lengths are counted in."""

    def texts(self) -> list[str]:
        """All of them, in their own order."""

    def fingerprint(self) -> str:
        """Hex SHA-256 of the texts; raises as :meth:`texts` does."""
        return fingerprint(self.texts())

    def stream(self, lengths: Lengths, seed: int, count_tokens: CountTokens) -> Iterator[str]:
        """The texts in random order without end; raises as :meth:`texts` does.

        They are read when the first is drawn, which is no part of loading a service.
        """
        yield from stream(self.texts(), self.unit, lengths, seed, count_tokens)


def fingerprint(texts: Sequence[str]) -> str:
    """Hex SHA-256 of the texts in order."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def stream(
    texts: Sequence[str], unit: Unit, lengths: Lengths, seed: int, count_tokens: CountTokens
) -> Iterator[str]:
    """The texts in random order without end; joined and cut where ``lengths`` asks for a length."""
    rng = random.Random(seed)
    passages = endless(texts, rng)
    shortest = shortest_text(unit, count_tokens)
    while True:
        length = lengths.draw(rng, shortest=shortest)
        if length is None:
            yield next(passages)
        else:
            yield fit(passages, length, unit, count_tokens)


def endless(every: Sequence[T], rng: random.Random) -> Iterator[T]:
    """All of them in random order, again and again, each time in another."""
    order = list(every)
    while True:
        rng.shuffle(order)
        yield from order

"""A finite list of texts as an endless, seeded stream: shuffled anew each time round."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence

from embprof.corpora import CountTokens, Unit
from embprof.corpora.fitting import fit_characters, fit_tokens
from embprof.corpora.lengths import Lengths


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
    passages = _endless(texts, rng)
    while True:
        length = lengths.draw(rng)
        if length is None:
            yield next(passages)
        elif unit == "tokens":
            yield fit_tokens(passages, length, count_tokens)
        else:
            yield fit_characters(passages, length)


def _endless(texts: Sequence[str], rng: random.Random) -> Iterator[str]:
    order = list(texts)
    while True:
        rng.shuffle(order)
        yield from order

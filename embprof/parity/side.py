"""One of two services as probes see it: asked for one text at a time, and never twice for one."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from embprof.parity import probes
from embprof.parity.answers import Answers, CountsTokens, Knows, RefusalError, Repools
from embprof.parity.thresholds import MOVED, NOISE_FACTOR, SAME
from embprof.statistics.neighbours import Vectors, unit_length

BATCH = 8
"""Texts in a batch of those that are asked for together."""
REPEATED = 2
"""How often plain texts are asked for again: one of two models behind one address is missed by 24
texts and three answers each once in 4**24 where either answers at random."""
OWN = ""
"""The pooling that a service has."""


class Side:
    """A service, and the label that it has in words.

    Vectors are of length 1 but for ``raw``, and of texts by themselves, so that neither company nor
    order in a batch has a part in them; but for those of ``together`` and, once the service
    ``is_steady`` in batches, of ``trial``.
    """

    def __init__(self, label: str, answers: Answers) -> None:
        self.label = label
        self.answers = answers
        self.is_steady = False
        self._alone: dict[str, Vectors | RefusalError] = {}

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """A vector of each text by itself, (N, D); raises RefusalError."""
        return unit_length(self.raw(texts))

    def raw(self, texts: Sequence[str]) -> Vectors:
        """As the service gives them, (N, D); raises RefusalError."""
        return np.stack([self._one(text) for text in texts])

    def refusal(self, text: str) -> str | None:
        """Why the service does not answer a text; None where it does."""
        try:
            self._one(text)
        except RefusalError as error:
            return str(error)
        return None

    def afresh(self, texts: Sequence[str]) -> Vectors:
        """Each text asked for by itself once more."""
        return unit_length(np.concatenate([self._ask([text]) for text in texts]))

    def together(self, texts: Sequence[str], *, batch_size: int) -> Vectors:
        """All texts in one call; raises RefusalError."""
        answered = self.answers.encode(texts, batch_size=batch_size)
        return unit_length(np.asarray(answered, dtype=np.float64))

    def trial(self, texts: Sequence[str], pooling: str = OWN) -> Vectors:
        """What might explain another's vectors; raises RefusalError where it has no such pooling.

        Rounding does not matter to that, so a steady service is asked for many at once.
        """
        size = BATCH if self.is_steady else 1
        batches = [texts[begin : begin + size] for begin in range(0, len(texts), size)]
        return unit_length(np.concatenate([self._ask(some, pooling) for some in batches]))

    def tokens(self, texts: Sequence[str]) -> Sequence[int] | None:
        """Tokens of each text; None where they cannot be counted."""
        return self.answers.tokens(texts) if isinstance(self.answers, CountsTokens) else None

    def prompts(self) -> Sequence[str]:
        """Beginnings that it may put before texts."""
        known = self.answers.known().get("prompts", ()) if isinstance(self.answers, Knows) else ()
        assert isinstance(known, Sequence)
        return tuple(str(prompt) for prompt in known if prompt)

    @cached_property
    def moves(self) -> Vectors:
        """The largest distance of each plain text's vector from itself, asked for again: (N,)."""
        first = self.vectors(probes.PLAIN)
        again = [distances(first, self.afresh(probes.PLAIN)) for _ in range(REPEATED)]
        return np.asarray(np.max(again, axis=0))

    @property
    def same(self) -> float:
        """The distance up to which two texts are the same to it."""
        return min(max(SAME, NOISE_FACTOR * float(self.moves.max())), MOVED)

    def _one(self, text: str) -> Vectors:
        if text not in self._alone:
            try:
                self._alone[text] = self._ask([text])[0]
            except RefusalError as error:
                self._alone[text] = error
        found = self._alone[text]
        if isinstance(found, RefusalError):
            raise found
        return found

    def _ask(self, texts: Sequence[str], pooling: str = OWN) -> Vectors:
        if pooling == OWN:
            return np.asarray(self.answers.encode(texts, batch_size=len(texts)), dtype=np.float64)
        found = None
        if isinstance(self.answers, Repools):
            found = self.answers.repooled(texts, pooling, batch_size=len(texts))
        if found is None:
            raise RefusalError(f"{self.answers.name} shows no vectors pooled by {pooling}")
        return np.asarray(found, dtype=np.float64)


def distances(a: Vectors, b: Vectors) -> Vectors:
    """Between rows of length 1, (N,)."""
    return np.asarray(np.linalg.norm(a - b, axis=1))


def effect(those: Vectors) -> float:
    """The mean of 1 - cosine of such distances."""
    return float(np.mean(those**2) / 2)


def cut(vectors: Vectors, dimensions: int) -> Vectors:
    """The first dimensions, of length 1 again."""
    return vectors if vectors.shape[1] == dimensions else unit_length(vectors[:, :dimensions])

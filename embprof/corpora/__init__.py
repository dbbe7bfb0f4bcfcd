"""Where texts come from: made up in exact lengths, read from a file, or built in.

A corpus is any class with the methods of :class:`Corpus`, named by its import path in YAML. It is
used in two processes: the sweeping one asks for its fingerprint, the worker for its texts.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, Protocol

from embprof.corpora.lengths import Lengths

DATA = Path(__file__).parent / "data"
"""Texts and words that come with embprof."""
Unit = Literal["characters", "tokens"]
CountTokens = Callable[[str], int]
"""Tokens of a text as the model sees it, a prompt and special tokens included."""


class Corpus(Protocol):
    """An endless, seeded supply of texts."""

    unit: Unit

    def fingerprint(self) -> str:
        """Hex SHA-256 of the texts, or of all that they are made from."""

    def stream(self, lengths: Lengths, seed: int, count_tokens: CountTokens) -> Iterator[str]:
        """Texts without end, the same for the same seed; their lengths follow ``lengths``."""

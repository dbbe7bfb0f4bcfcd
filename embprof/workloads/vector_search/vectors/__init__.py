"""What is searched, and for what: vectors of real texts, or made up ones of a stated difficulty."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Say = Callable[[str], None]
"""Tells whoever waits what is being done."""


class Source(Protocol):
    """Vectors of length 1; the same for the same parameters, in every process."""

    def identity(self) -> str:
        """Hex digits that are equal when the corpus is; nothing is embedded for them."""

    def make(self, say: Say) -> None:
        """Does all that takes long, so that whoever asks later finds it done."""

    def corpus(self, say: Say) -> NDArray[np.float32]:
        """The vectors to search among: (N, D) float32."""

    def texts(self) -> Sequence[str] | None:
        """What they are vectors of, in the same order; None where there are no texts."""

    def facts(self) -> Mapping[str, str]:
        """What else is worth keeping beside the figures."""

    def held_out(self) -> int | None:
        """Texts of the corpus that are queries and not searched; None where queries are apart."""

    def sample(self, count: int, say: Say) -> NDArray[np.float32]:
        """The same queries each time, none of the corpus: at most (count, D) float32."""

    def stream(self, say: Say) -> Iterator[NDArray[np.float32]]:
        """Queries without end, none of the corpus: (D,) float32 each."""

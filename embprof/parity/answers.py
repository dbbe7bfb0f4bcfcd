"""What is asked of a service whose answers are compared: vectors, and what else it can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POOLINGS = ("mean", "cls", "lasttoken", "max")
"""The usual ways in which one vector is made of those of the tokens."""


class RefusalError(Exception):
    """The service does not answer these texts; says why, and is as good as before."""


class Answers(Protocol):
    """A service that makes vectors of texts."""

    name: str

    def encode(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        """A vector for each text, in their order: (N, D); raises RefusalError."""


@runtime_checkable
class CountsTokens(Protocol):
    """A service whose tokens can be counted."""

    def tokens(self, texts: Sequence[str]) -> Sequence[int] | None:
        """Tokens of each text before any cut, a prompt and special tokens included.

        None where it turns out that they cannot be counted.
        """


@runtime_checkable
class Repools(Protocol):
    """A service that can show its vectors under another pooling than its own."""

    def repooled(
        self, texts: Sequence[str], pooling: str, *, batch_size: int
    ) -> NDArray[np.float32] | None:
        """As ``encode``, pooled so (one of POOLINGS): (N, D); None where it cannot."""


@runtime_checkable
class Knows(Protocol):
    """A service of which something is known. It guides what is tried, and proves nothing."""

    def known(self) -> Mapping[str, object]:
        """``prompts``: beginnings that it, or what it is made of, puts before texts."""

"""What a protocol of embedding servers is: a path, a request's body, and an answer to be read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHOWN = 120
"""Characters of an answer that a message quotes."""


class WrongAnswerError(ValueError):
    """An answer that is none to what was asked; says what it is instead."""


class EmbeddingProtocol(Protocol):
    """One way to ask for embeddings."""

    @property
    def path(self) -> str:
        """Where below the server's address it is asked: ``/v1/embeddings``."""

    def body(self, texts: Sequence[str]) -> bytes:
        """The request for these texts."""

    def embeddings(self, content: bytes) -> NDArray[np.float32]:
        """The answer's embeddings in the order of the texts: (N, D) float32.

        Raises WrongAnswerError.
        """


def to_json(request: Any) -> bytes:
    """JSON without blanks, as UTF-8; half a surrogate pair, which has none, becomes ``?``."""
    said = json.dumps(request, separators=(",", ":"), ensure_ascii=False)
    return said.encode(errors="replace")


def from_json(content: bytes) -> Any:
    """What the JSON says; raises WrongAnswerError."""
    try:
        return json.loads(content)
    except ValueError:  # of wrong UTF-8 too
        raise WrongAnswerError(f"the answer is no JSON: {begin(content)}") from None


def matrix(rows: Any) -> NDArray[np.float32]:
    """Rows of numbers as an array: (N, D) float32; raises WrongAnswerError."""
    import numpy as np

    try:
        found = np.asarray(rows, dtype=np.float32)
    except (TypeError, ValueError):
        raise WrongAnswerError(
            f"the embeddings are no numbers, or not all as long: {begin(str(rows))}"
        ) from None
    if found.ndim != 2 or not found.size:  # noqa: PLR2004  (texts and dimensions)
        raise WrongAnswerError(f"the answer has no list of embeddings: {begin(str(rows))}")
    return found


def begin(said: bytes | str) -> str:
    """The first words, on one line."""
    text = said if isinstance(said, str) else said.decode(errors="replace")
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"

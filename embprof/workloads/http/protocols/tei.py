"""``POST /embed`` of Hugging Face's text-embeddings-inference.

Source: the OpenAPI description that such a server gives at ``/docs``. Inputs longer than the model
takes are cut (``truncate``), as sentence-transformers does, and not refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from embprof.workloads.http.protocols.protocol import (
    WrongAnswerError,
    begin,
    from_json,
    matrix,
    to_json,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Tei:
    """``normalize``: whether the server scales embeddings to length 1."""

    normalize: bool
    path: str = field(default="/embed", init=False)

    def body(self, texts: Sequence[str]) -> bytes:
        """The request for these texts."""
        return to_json({"inputs": list(texts), "normalize": self.normalize, "truncate": True})

    def embeddings(self, content: bytes) -> NDArray[np.float32]:
        """The embeddings, which are the answer; raises WrongAnswerError."""
        answer = from_json(content)
        if not isinstance(answer, list):
            raise WrongAnswerError(f"the answer is no list of embeddings: {begin(content)}")
        return matrix(answer)

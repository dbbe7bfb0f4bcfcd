"""``POST /v1/embeddings`` as OpenAI's API has it, and vLLM, llama.cpp, Ollama, TEI and others.

Source: OpenAI API reference, "Create embeddings"; the fields of request and answer there.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

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

Encoding = Literal["float", "base64"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAi:
    """``model`` is the server's name of it. ``base64``: little-endian float32, quick to read."""

    model: str
    encoding: Encoding
    path: str = field(default="/v1/embeddings", init=False)

    def body(self, texts: Sequence[str]) -> bytes:
        """The request for these texts."""
        return to_json(
            {"model": self.model, "input": list(texts), "encoding_format": self.encoding}
        )

    def embeddings(self, content: bytes) -> NDArray[np.float32]:
        """The embeddings, put in the order that their ``index`` gives; raises WrongAnswerError."""
        answer = from_json(content)
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
            raise WrongAnswerError(f'the answer has no "data" with embeddings: {begin(content)}')
        indices = [row.get("index", number) for number, row in enumerate(rows)]
        if sorted(indices) != list(range(len(rows))):
            raise WrongAnswerError(f"the embeddings have the indices {begin(str(indices))}")
        by_index = dict(zip(indices, rows, strict=True))
        ordered = [by_index[number]["embedding"] for number in range(len(rows))]
        if any(isinstance(one, str) for one in ordered):
            return matrix([_numbers(one) for one in ordered])
        return matrix(ordered)


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("embedding"), list | str)
        and isinstance(row.get("index", 0), int)
    )


def _numbers(said: object) -> NDArray[np.float32]:
    """float32 numbers in base64; raises WrongAnswerError."""
    import numpy as np

    try:
        return np.frombuffer(base64.b64decode(str(said), validate=True), dtype="<f4")
    except (binascii.Error, ValueError):
        raise WrongAnswerError(f"an embedding is no base64: {begin(str(said))}") from None

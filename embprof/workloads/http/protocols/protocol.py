"""What a protocol of embedding servers is, and those that there are: a request, an answer."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Encoding = Literal["float", "base64"]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAi:
    """``POST /v1/embeddings`` as OpenAI's API has it, and vLLM, llama.cpp, Ollama, TEI and others.

    ``model`` is the server's name of it. ``base64``: little-endian float32, quick to read.
    Source: OpenAI API reference, "Create embeddings"; the fields of request and answer there.
    """

    model: str
    encoding: Encoding
    more: Mapping[str, Any]
    path: str = field(default="/v1/embeddings", init=False)

    def body(self, texts: Sequence[str]) -> bytes:
        """The request for these texts."""
        own = {"model": self.model, "input": list(texts), "encoding_format": self.encoding}
        return _to_json(own, self.more)

    def embeddings(self, content: bytes) -> NDArray[np.float32]:
        """The embeddings, put in the order that their ``index`` gives; raises WrongAnswerError."""
        answer = _from_json(content)
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
            raise WrongAnswerError(f'the answer has no "data" with embeddings: {begin(content)}')
        indices = [row.get("index", number) for number, row in enumerate(rows)]
        if sorted(indices) != list(range(len(rows))):
            raise WrongAnswerError(f"the embeddings have the indices {begin(str(indices))}")
        by_index = dict(zip(indices, rows, strict=True))
        ordered = [by_index[number]["embedding"] for number in range(len(rows))]
        if any(isinstance(one, str) for one in ordered):
            return _matrix([_numbers(one) for one in ordered])
        return _matrix(ordered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tei:
    """``POST /embed`` of Hugging Face's text-embeddings-inference.

    ``normalize``: whether the server scales embeddings to length 1. Inputs longer than the model
    takes are cut (``truncate``), as sentence-transformers does, and not refused.
    Source: the OpenAPI description that such a server gives at ``/docs``.
    """

    normalize: bool
    more: Mapping[str, Any]
    path: str = field(default="/embed", init=False)

    def body(self, texts: Sequence[str]) -> bytes:
        """The request for these texts."""
        own = {"inputs": list(texts), "normalize": self.normalize, "truncate": True}
        return _to_json(own, self.more)

    def embeddings(self, content: bytes) -> NDArray[np.float32]:
        """The embeddings, which are the answer; raises WrongAnswerError."""
        answer = _from_json(content)
        if not isinstance(answer, list):
            raise WrongAnswerError(f"the answer is no list of embeddings: {begin(content)}")
        return _matrix(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ollama:
    """``POST /api/embed`` of Ollama, whose inputs are cut at what the model takes.

    Source: Ollama's API reference, "Generate Embeddings".
    """

    model: str
    more: Mapping[str, Any]
    path: str = field(default="/api/embed", init=False)

    def body(self, texts: Sequence[str]) -> bytes:
        """The request for these texts."""
        return _to_json({"model": self.model, "input": list(texts)}, self.more)

    def embeddings(self, content: bytes) -> NDArray[np.float32]:
        """The embeddings, in the order of the texts; raises WrongAnswerError."""
        answer = _from_json(content)
        rows = answer.get("embeddings") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise WrongAnswerError(f'the answer has no "embeddings": {begin(content)}')
        return _matrix(rows)


def _to_json(own: Mapping[str, Any], more: Mapping[str, Any]) -> bytes:
    """JSON without blanks, as UTF-8; half a surrogate pair, which has none, becomes ``?``.

    A field of ``more`` that is null leaves the protocol's own out.
    """
    request = {key: value for key, value in {**own, **more}.items() if value is not None}
    text = json.dumps(request, separators=(",", ":"), ensure_ascii=False)
    return text.encode(errors="replace")


def _from_json(content: bytes) -> Any:
    """What the JSON says; raises WrongAnswerError."""
    try:
        return json.loads(content)
    except ValueError:  # of wrong UTF-8 too
        raise WrongAnswerError(f"the answer is no JSON: {begin(content)}") from None


def _matrix(rows: Any) -> NDArray[np.float32]:
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


def begin(content: bytes | str) -> str:
    """The first words, on one line."""
    text = content if isinstance(content, str) else content.decode(errors="replace")
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("embedding"), list | str)
        and isinstance(row.get("index", 0), int)
    )


def _numbers(encoded: object) -> NDArray[np.float32]:
    """float32 numbers in base64; raises WrongAnswerError."""
    import numpy as np

    try:
        return np.frombuffer(base64.b64decode(str(encoded), validate=True), dtype="<f4")
    except (binascii.Error, ValueError):
        raise WrongAnswerError(f"an embedding is no base64: {begin(str(encoded))}") from None

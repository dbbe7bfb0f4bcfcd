"""Texts to vectors with a sentence encoder: the service that embprof was made to profile."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from embprof.config.schema import Backend, Model
from embprof.corpora import Corpus
from embprof.corpora.lengths import Lengths
from embprof.errors import DeviceUnavailableError

if TYPE_CHECKING:
    from embprof.models.encoder import CountingEncoder


@dataclass(kw_only=True)
class Embedding:
    """One ``encode(texts, batch_size)`` a step, with texts never seen before in every step."""

    model: Mapping[str, Any]
    backend: Mapping[str, Any]
    corpus: Corpus
    device: str
    batch_size: int
    texts_per_call: int | None
    text_length: int | str
    normalize: bool
    truncation: int | None
    seed: int
    items: str = field(default="texts", init=False)

    def load(self) -> None:
        """Loads the model onto the device.

        Raises DeviceUnavailableError and ModelNotFoundError.
        """
        import torch  # only workers import torch

        from embprof.models import encoder

        if self.device.startswith("cuda"):
            if not torch.cuda.is_available():
                raise DeviceUnavailableError("the installed PyTorch has no CUDA")
            torch.cuda.set_device(int(self.device.partition(":")[2] or 0))
        backend = Backend(**self.backend)
        self._encoder: CountingEncoder = encoder.load(
            Model(**self.model), device=self.device, dtype=backend.dtype, seed=self.seed
        )
        if self.truncation is not None:
            self._encoder.max_seq_length = self.truncation
        self._ready: deque[list[str]] = deque()
        self._texts = self._stream()

    def prepare(self, steps: int) -> None:
        """Draws the texts of the next steps."""
        size = self.texts_per_call or self.batch_size
        while len(self._ready) < steps:
            self._ready.append(list(itertools.islice(self._texts, size)))

    def step(self) -> int:
        """Embeds one call's texts; returns how many. The embeddings are on the host by then."""
        if not self._ready:
            self.prepare(1)
        texts = self._ready.popleft()
        self._encoder.encode(
            texts,
            batch_size=self.batch_size,
            show_progress_bar=False,
            normalize_embeddings=self.normalize,
        )
        return len(texts)

    def counts(self) -> Mapping[str, float]:
        """Tokens, padded tokens and forward passes since the last call."""
        return self._encoder.counts()

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """Facts about the loaded model."""
        return {
            "dimensions": self._encoder.get_embedding_dimension(),
            "max_tokens": self._encoder.max_seq_length,
            "parameters": sum(p.numel() for p in self._encoder.parameters()),
        }

    def close(self) -> None:
        """Lets go of the model."""
        del self._encoder

    def _stream(self) -> Iterator[str]:
        return self.corpus.stream(Lengths.parse(self.text_length), self.seed, self._count_tokens)

    def _count_tokens(self, text: str) -> int:
        return len(self._encoder.tokenizer(text, verbose=False)["input_ids"])

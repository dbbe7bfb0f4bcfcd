"""Texts to vectors with a sentence encoder: the service that embprof was made to profile."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from embprof.backends.finding import KEY, made
from embprof.corpora import Corpus
from embprof.corpora.distinct import distinct
from embprof.corpora.lengths import Lengths
from embprof.interface.backend import Repools, Task
from embprof.interface.inputs_ahead import Ahead
from embprof.models.vectors import shortened
from embprof.workloads.embedding.prompt import cost_of_prompt, prompt_of, prompted, put_before
from embprof.workloads.network_workload import NetworkWorkload
from embprof.workloads.repeated_texts import repeated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from embprof.interface.backend import Encoder


@dataclass(kw_only=True)
class Embedding(NetworkWorkload):
    """One ``encode(texts, batch_size)`` per step, with texts never seen before in every step."""

    account: ClassVar[str] = "embprof.workloads.embedding.account.EMBEDDING"

    task: ClassVar[Task] = "embed"

    corpus: Corpus
    text_length: int | str
    normalize: bool
    prompt: str | None = None
    truncate_dim: int | None = None
    items: str = field(default="texts", init=False)

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """More numbers than its backend gives, where that says how many."""
        own = config["workload"]
        wanted, backend = own.get("truncate_dim"), own.get(KEY) or {}
        gives = backend.get("dimensions")
        if wanted is not None and isinstance(gives, int) and wanted > gives:
            yield (
                f"truncate_dim={wanted}: backend={backend['name']} gives {gives} "
                f"(backend.dimensions); null is all of them"
            )

    @classmethod
    def remarks(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """A file of so few texts that they are measured again and again."""
        return repeated(config, "texts")

    def load(self) -> None:
        """Loads the model onto the device.

        Raises DeviceUnavailableError and ModelNotFoundError.
        """
        self._encoder: Encoder = made(self.backend).encoder(self.network)
        self._own_limit = self._encoder.limit
        if self.truncation is not None:
            self._encoder.limit = self.truncation
        if self.prompt is not None:
            put_before(self._encoder, self.prompt)
        texts, size = self._stream(), self.texts_per_call or self.batch_size
        self._inputs = Ahead(lambda: list(itertools.islice(texts, size)))

    def prepare(self, steps: int) -> None:
        """Draws the texts of the next steps."""
        self._inputs.prepare(steps)

    def step(self) -> int:
        """Embeds one call's texts; returns how many. The embeddings are on the host by then."""
        texts = self._inputs.take()
        self.vectors(texts, batch_size=self.batch_size)
        return len(texts)

    def limits(self) -> tuple[int, int]:
        """Tokens at which the model itself cuts, and at which it is asked to."""
        return self._own_limit, self.truncation or self._own_limit

    def sample(self, count: int) -> Sequence[str]:
        """Distinct texts of the corpus, at most so many, from the beginning of its stream."""
        return distinct(self._stream(), count)

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        """Tokens of each text before any cut, a prompt and special tokens included."""
        return self._encoder.tokens(texts)

    def embed(self, texts: Sequence[str], limit: int) -> NDArray[np.float32]:
        """Embeddings of the texts, cut at ``limit`` tokens: (N, D) float32."""
        before = self._encoder.limit
        self._encoder.limit = limit
        try:
            return self.vectors(texts, batch_size=self.batch_size)
        finally:
            self._encoder.limit = before

    def vectors(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        """Embeddings of the texts as a step makes them, in batches of another size: (N, D)."""
        encode, wanted = self._encoder.encode, self.truncate_dim
        if wanted is None:
            return encode(texts, batch_size=batch_size, normalize=self.normalize)
        whole = encode(texts, batch_size=batch_size, normalize=False)
        return shortened(whole, wanted, normalize=self.normalize)

    def repooled(
        self, texts: Sequence[str], pooling: str, *, batch_size: int
    ) -> NDArray[np.float32] | None:
        """As ``vectors``, under another pooling; None where token vectors are not pooled."""
        if not isinstance(self._encoder, Repools):
            return None
        with self._encoder.repooled(pooling) as is_pooled:
            return self.vectors(texts, batch_size=batch_size) if is_pooled else None

    def prompted(self, prompt: str) -> AbstractContextManager[None]:
        """Within it, that text stands before each in place of its own."""
        return prompted(self._encoder, prompt)

    def known(self) -> Mapping[str, object]:
        """The prompts in the model's files, and that which is put before texts."""
        own = prompt_of(self._encoder)
        named = (text for text in self._encoder.prompts().values() if text)
        return {"prompts": list(dict.fromkeys([*([own] if own else []), *named]))}

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """Facts about the loaded model, what stands before each text, and what that costs."""
        facts = {**self._encoder.description(), **cost_of_prompt(self._encoder)}
        return facts if self.truncate_dim is None else {**facts, "dimensions": self.truncate_dim}

    def _stream(self) -> Iterator[str]:
        return self.corpus.stream(Lengths.parse(self.text_length), self.seed, self._count_tokens)

    def _count_tokens(self, text: str) -> int:
        return self._encoder.tokens([text])[0]

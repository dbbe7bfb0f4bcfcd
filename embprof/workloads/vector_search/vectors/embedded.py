"""Vectors of texts by a sentence encoder, kept on disk in blocks: nothing is embedded twice.

A block is named by the hashes of its texts and of all else that decides their vectors. So a larger
corpus begins with the blocks of a smaller one, and what was interrupted goes on where it was.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embprof.corpora import Corpus, passages
from embprof.errors import RequestError
from embprof.interface.array_cache import cached_array
from embprof.interface.network import Model
from embprof.machine.fingerprint import digest
from embprof.models import prompts, weights
from embprof.models.vectors import shortened
from embprof.workloads.vector_search.vectors import Say
from embprof.workloads.vector_search.vectors.choice import choose

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from embprof.models.encoder import CountingEncoder

KIND = "text_vectors"
"""Folder of the cache."""
BLOCK = 1000
"""Texts that are embedded and kept together: seconds of work, 1.5 MB with 384 dimensions."""
BATCH = 64
POOL = 1024
"""Queries that are embedded, to be asked in random order, and anew in another."""


@dataclass(frozen=True, kw_only=True)  # no slots: what was chosen and loaded is remembered
class Embedded:
    """The first ``corpus_size`` distinct texts of ``corpus_of`` (all if None) as vectors.

    ``queries`` None: texts held out of the corpus. ``dimensions`` None: all that the model gives,
    else the first so many, scaled to length 1 again. ``dtype`` is that of the model's weights.
    ``prompt`` stands before each query, ``document_prompt`` before each text that is searched: a
    name or a text. Without either both are embedded as the model does by itself.
    """

    model: Mapping[str, Any]
    dtype: str
    device: str
    corpus_of: Corpus
    queries: Corpus | None
    corpus_size: int | None
    dimensions: int | None
    seed: int
    prompt: str | None = None
    document_prompt: str | None = None

    def identity(self) -> str:
        """A hash of the weights and the texts; raises RequestError where these are too few."""
        texts = passages.fingerprint(self.texts())
        by = self._made_by(self._before_texts)
        return digest({"by": by, "texts": texts, "dimensions": self.dimensions})

    def facts(self) -> Mapping[str, str]:
        """What stands before queries and before what is searched, where anything does."""
        found = {"prompt": self._before_queries, "document_prompt": self._before_texts}
        return {name: text for name, text in found.items() if text}

    def texts(self) -> list[str]:
        """What is searched; raises RequestError where there is not so much."""
        return self._chosen[0]

    def held_out(self) -> int | None:
        """All that may be asked for, where no ``queries`` were given."""
        return len(self._chosen[1]) if self.queries is None else None

    def make(self, say: Say) -> None:
        """Embeds texts and queries, and keeps their vectors."""
        self._queries(POOL, say)
        self.corpus(say)

    def corpus(self, say: Say) -> NDArray[np.float32]:
        """(N, D) float32; takes minutes for 50,000 texts that were never embedded before."""
        return self._vectors(self.texts(), self._before_texts, say)

    def sample(self, count: int, say: Say) -> NDArray[np.float32]:
        """The first queries in their own order; raises RequestError where there are not so many."""
        queries = self._chosen[1]
        if len(queries) < count:
            problem = (
                f"workload.recall_queries={count}: there are {len(queries):,} queries that are no "
                "texts of the corpus; take fewer, or give more in workload.queries"
            )
            raise RequestError([problem])
        return self._queries(max(count, POOL), say)[:count]

    def stream(self, say: Say) -> Iterator[NDArray[np.float32]]:
        """The first 1,024 queries in random order without end."""
        vectors = self._queries(POOL, say)
        rng, order = random.Random(self.seed), list(range(len(vectors)))
        while True:
            rng.shuffle(order)
            for at in order:
                yield vectors[at]

    def _queries(self, count: int, say: Say) -> NDArray[np.float32]:
        """The first queries, at most so many: (N, D) float32."""
        return self._vectors(self._chosen[1][:count], self._before_queries, say)

    def _vectors(self, texts: Sequence[str], prompt: str, say: Say) -> NDArray[np.float32]:
        """(N, D) float32, of length 1; raises RequestError for dimensions that are not there."""
        import numpy as np

        blocks = [
            self._block(
                texts[at : at + BLOCK], prompt, f"{at:,} of {len(texts):,} texts are embedded", say
            )
            for at in range(0, len(texts), BLOCK)
        ]
        found = np.concatenate(blocks)
        wanted = self.dimensions
        if wanted is None or wanted == found.shape[1]:
            return found
        return shortened(found, wanted, normalize=True)

    def _block(self, texts: Sequence[str], prompt: str, done: str, say: Say) -> NDArray[np.float32]:
        def embed() -> NDArray[np.float32]:
            say(done)
            found: NDArray[np.float32] = self._encoder.encode(
                list(texts),
                prompt=prompt,
                batch_size=BATCH,
                show_progress_bar=False,
                normalize_embeddings=True,
            )
            self._encoder.counts()  # forgets what it has counted
            return found

        return cached_array((KIND, self._made_by(prompt), passages.fingerprint(texts)), embed)

    @functools.cached_property
    def _chosen(self) -> tuple[list[str], list[str]]:
        return choose(self.corpus_of, self.queries, self.corpus_size, self.seed)

    @functools.cached_property
    def _known(self) -> prompts.Prompts:
        """The prompts of the model."""
        return prompts.of(Model(**self.model))

    @functools.cached_property
    def _before_queries(self) -> str:
        """What stands before each query."""
        return self._known.text(self.prompt)

    @functools.cached_property
    def _before_texts(self) -> str:
        """What stands before each text that is searched."""
        if self.document_prompt is None and self.prompt is not None:
            return self._known.of_documents()
        return self._known.text(self.document_prompt)

    def _made_by(self, prompt: str) -> Mapping[str, Any]:
        """All that decides the vector of a text; the model's own prompt is told by its files."""
        made_by = {**self._model, "dtype": self._loaded, "device": self.device.partition(":")[0]}
        return made_by if prompt == self._known.default else {**made_by, "prompt": prompt}

    @functools.cached_property
    def _model(self) -> Mapping[str, Any]:
        return weights.identity(Model(**self.model), seed=self.seed)

    @functools.cached_property
    def _encoder(self) -> CountingEncoder:
        from embprof.models import encoder  # imports torch

        return encoder.load(
            Model(**self.model), device=self.device, dtype=self._loaded, seed=self.seed
        )

    @property
    def _loaded(self) -> str:
        """The type of the model's weights: passages are stored without what a backend rounds."""
        return "float32" if self.dtype == "int8" else self.dtype

"""Vectors that need no model and no text, and are as hard to search among as is asked.

Physics: an index finds neighbours fast because most vectors are far away. Where vectors lie in
clear clusters, a query's neighbours are in one of them and the search is easy; where they do not,
distances hardly differ (Beyer et al. 1999, "When is nearest neighbor meaningful?"), and much more
of the corpus has to be looked at for the same recall. Embeddings are in between: topics that run
into each other, in far fewer directions than they have numbers. So are these: a vector is a topic
and what it has of its own, mixed as ``spread`` says. A search costs what it costs for vectors of
their length.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from embprof.machine.fingerprint import digest
from embprof.workloads.vector_search.vectors import Say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 1000
"""Vectors from one seed: a smaller corpus is the beginning of a larger one."""
TOPICS = 200
DIRECTIONS = 32
"""In which topics and vectors vary, independently of each other. With these two and a spread of
0.5, 10,000 vectors are as hard to search as so many of the built-in sentences: recall@10 of an
ivfflat index of 100 lists with 1, 5, 10 and 25 probes 0.67, 0.87, 0.93 and 0.98 against 0.67, 0.88,
0.94 and 0.98, of hnsw with ef_search of 10, 40 and 100 0.95, 0.99 and 1 against 0.90, 0.98 and 0.99
(205 queries each)."""
FRAME, CORPUS, SAMPLE, STREAM = range(4)
"""What numbers are drawn for; each has a sequence of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthetic:
    """Topics that run into each other.

    ``spread``: of the variance of vectors, the share within topics. Near 0 vectors of a topic are
    alike, at 1 there are no topics.
    """

    corpus_size: int
    dimensions: int
    spread: float
    seed: int

    def identity(self) -> str:
        """A hash of the parameters, which decide the vectors."""
        return digest({"kind": "synthetic", **asdict(self)})

    def make(self, _: Say) -> None:
        """Nothing takes long."""

    def corpus(self, _: Say) -> NDArray[np.float32]:
        """(N, D) float32, of length 1."""
        return self._take(CORPUS, self.corpus_size)

    def texts(self) -> None:
        """There are none."""

    def facts(self) -> Mapping[str, str]:
        """There are none."""
        return {}

    def held_out(self) -> None:
        """Queries are made up as the corpus is."""

    def sample(self, count: int, _: Say) -> NDArray[np.float32]:
        """Vectors of the same topics as the corpus: (count, D) float32."""
        return self._take(SAMPLE, count)

    def stream(self, _: Say) -> Iterator[NDArray[np.float32]]:
        """Vectors of the same topics as the corpus, never the same again."""
        for block in self._blocks(STREAM):
            yield from block

    def _take(self, what: int, count: int) -> NDArray[np.float32]:
        import numpy as np

        wanted = -(-count // BLOCK)
        return np.concatenate([*itertools.islice(self._blocks(what), wanted)])[:count]

    def _blocks(self, what: int) -> Iterator[NDArray[np.float32]]:
        import numpy as np

        rng = np.random.default_rng((self.seed, FRAME))
        directions = min(DIRECTIONS, self.dimensions)
        frame = np.linalg.qr(rng.standard_normal((self.dimensions, directions)))[0].T
        topics = rng.standard_normal((TOPICS, directions))
        for number in itertools.count():
            rng = np.random.default_rng((self.seed, what, number))
            topic = topics[rng.integers(TOPICS, size=BLOCK)]
            own = rng.standard_normal((BLOCK, directions))
            points = math.sqrt(1 - self.spread) * topic + math.sqrt(self.spread) * own
            points /= np.linalg.norm(points, axis=1, keepdims=True)
            yield (points @ frame).astype(np.float32)

"""The true nearest neighbours, by comparing everything, and how many of them a search found.

All vectors have length 1, so the order by cosine, by inner product and by Euclidean distance is
one. A vector counts as found if it is as near as the last of the true ones: which of several equal
ones an index returns says nothing against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOLERANCE = 1e-6
"""Difference of cosines that is none: sums of hundreds of float32 products, as the server makes
them, are off by some 1e-7."""
SPARE = 32
"""Candidates beyond the wanted ones that are compared in double precision."""
AT_ONCE = 64
"""Queries whose similarities to the whole corpus are in memory together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """``similarities``: of each query to its nearest, (Q, K) float64, the nearest first.

    K is what was asked for, or all of the corpus that the filter lets through.
    """

    corpus: NDArray[np.float32]
    queries: NDArray[np.float32]
    similarities: NDArray[np.float64]

    @property
    def known(self) -> int:
        """How many neighbours of each query are known."""
        return int(self.similarities.shape[1])

    def recall(self, found: Sequence[Sequence[int]], k: int) -> list[float]:
        """The share of the ``k`` true nearest of each query that is among the first ``k`` found."""
        k = min(k, self.known)
        return [self._share(query, ids[:k], k) for query, ids in enumerate(found)]

    def _share(self, query: int, ids: Sequence[int], k: int) -> float:
        import numpy as np

        rows = self.corpus[list(ids)].astype(np.float64)
        near = rows @ self.queries[query].astype(np.float64)
        hits = int((near >= self.similarities[query, k - 1] - TOLERANCE).sum())
        return min(hits, k) / k


def search(
    corpus: NDArray[np.float32],
    queries: NDArray[np.float32],
    k: int,
    allowed: NDArray[np.bool_] | None = None,
) -> Truth:
    """The ``k`` nearest of the corpus (N, D) to each query (Q, D), both of length 1.

    ``allowed`` (N,) leaves out those that a filter does; None allows all.
    """
    import numpy as np

    among = corpus if allowed is None else corpus[allowed]
    k = min(k, len(among))
    found = np.empty((len(queries), k))
    for at in range(0, len(queries), AT_ONCE):
        some = queries[at : at + AT_ONCE]
        rough = some @ among.T
        kept = min(k + SPARE, len(among))
        candidates = np.argpartition(-rough, kept - 1, axis=1)[:, :kept]
        for query, rows in enumerate(candidates):
            near = among[rows].astype(np.float64) @ some[query].astype(np.float64)
            found[at + query] = np.sort(near)[::-1][:k]
    return Truth(corpus=corpus, queries=queries, similarities=found)

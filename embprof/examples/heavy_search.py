"""A service that searches by comparing a query with everything: it computes, and never waits."""

import itertools

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
QUERIES = 64
METHODS = ("differences", "product")


class HeavySearch:
    """Finds the ``count`` vectors that are nearest to a query; all have length 1."""

    def __init__(
        self,
        vectors: int,
        dimensions: int = 384,
        count: int = 10,
        method: str = "differences",
        seed: int = 0,
    ) -> None:
        if method not in METHODS:
            raise ValueError(f"method={method}: must be one of {', '.join(METHODS)}")
        self.shape = (vectors, dimensions)
        self.count = min(count, vectors - 1)
        self.method = method
        self.seed = seed

    def setup(self) -> None:
        """Makes the vectors, and queries to go through again and again."""
        random = np.random.default_rng(self.seed)
        self.vectors = _of_length_1(random.standard_normal(self.shape, dtype=np.float32))
        queries = _of_length_1(random.standard_normal((QUERIES, self.shape[1]), dtype=np.float32))
        self.queries = itertools.cycle(queries)

    def step(self) -> NDArray[np.intp]:
        """Answers the next query."""
        return self.find(next(self.queries))

    def find(self, query: Vectors) -> NDArray[np.intp]:
        """The nearest vectors' positions, nearest first."""
        distances = by_product if self.method == "product" else by_differences
        found = distances(self.vectors, query)
        nearest = np.argpartition(found, self.count)[: self.count]
        return nearest[np.argsort(found[nearest])]


def by_differences(vectors: Vectors, query: Vectors) -> Vectors:
    """Squared distances, as they are defined; makes two arrays of the size of all vectors."""
    distances: Vectors = ((vectors - query) ** 2).sum(axis=1)
    return distances


def by_product(vectors: Vectors, query: Vectors) -> Vectors:
    """The same of vectors of length 1: |v - q|² = 2 - 2 v·q; makes one number per vector."""
    distances: Vectors = 2 - 2 * (vectors @ query)
    return distances


def _of_length_1(vectors: Vectors) -> Vectors:
    lengths: Vectors = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths

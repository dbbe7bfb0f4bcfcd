"""Which embeddings lie nearest to which: exact search, for samples of some thousand texts."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]
_BLOCK = 512
"""Queries whose similarities are in memory at a time: 40 MB with 10,000 texts."""


def unit_length(embeddings: NDArray[np.floating]) -> Vectors:
    """The embeddings, (N, D), scaled to length 1 and in float64, so that equals stay equal."""
    vectors = np.asarray(embeddings, dtype=np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float64).tiny))


def cosines(a: Vectors, b: Vectors) -> Vectors:
    """The cosine of each pair of rows of unit length, (N,); never beyond -1 and 1."""
    return np.asarray(np.clip(np.einsum("nd,nd->n", a, b), -1.0, 1.0))


def nearest(queries: Vectors, corpus: Vectors, count: int) -> NDArray[np.int64]:
    """Rows of the ``count`` nearest in the corpus, nearest first: (N, count).

    Query i is text i of the corpus, which is left out. Of equally near ones the first counts.
    Raises ValueError where the corpus has not so many others.
    """
    if not 1 <= count < len(corpus):
        raise ValueError(f"{count} neighbours among {len(corpus)} texts")
    found = np.empty((len(queries), count), dtype=np.int64)
    for begin in range(0, len(queries), _BLOCK):
        similar = queries[begin : begin + _BLOCK] @ corpus.T
        rows = np.arange(len(similar))
        similar[rows, begin + rows] = -np.inf
        for rank in range(count):
            best = similar.argmax(axis=1)
            found[begin + rows, rank] = best
            similar[rows, best] = -np.inf
    return found


def overlap(a: NDArray[np.int64], b: NDArray[np.int64]) -> Vectors:
    """The share of each row of ``a`` that is in the same row of ``b``, in whatever order: (N,)."""
    return np.asarray((a[:, :, None] == b[:, None, :]).any(axis=2).mean(axis=1))

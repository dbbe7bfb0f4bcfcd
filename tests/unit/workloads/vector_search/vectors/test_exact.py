"""The true neighbours, and what counts as having found them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.workloads.vector_search.vectors import exact


def unit(rows: int, dimensions: int, seed: int = 0) -> NDArray[np.float32]:
    found = np.random.default_rng(seed).standard_normal((rows, dimensions))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found, dtype=np.float32)


def test_the_nearest_are_those_of_a_comparison_with_all() -> None:
    corpus, queries = unit(500, 16), unit(70, 16, seed=1)
    truth = exact.search(corpus, queries, 10)
    every = np.sort(queries.astype(float) @ corpus.astype(float).T, axis=1)[:, ::-1]
    assert truth.similarities == pytest.approx(every[:, :10])


def test_recall_is_the_share_of_the_true_ones_that_were_found() -> None:
    corpus, queries = unit(100, 16), unit(3, 16, seed=1)
    order = np.argsort(-(queries @ corpus.T), axis=1)
    truth = exact.search(corpus, queries, 10)
    found = [order[0, :10].tolist(), order[1, 5:15].tolist(), []]
    assert truth.recall(found, 10) == [1.0, 0.5, 0.0]
    assert truth.recall(found, 1) == [1.0, 0.0, 0.0]


def test_which_of_several_equal_vectors_was_found_makes_no_difference() -> None:
    corpus = np.repeat(unit(5, 16), 4, axis=0)
    truth = exact.search(corpus, corpus[:1], 2)
    assert truth.recall([[0, 1]], 2) == truth.recall([[3, 2]], 2) == [1.0]
    assert truth.recall([[0, 7]], 2) == [0.5]


def test_rows_that_a_filter_leaves_out_are_no_neighbours() -> None:
    corpus, queries = unit(100, 16), unit(2, 16, seed=1)
    allowed = np.arange(100) % 2 == 0
    truth = exact.search(corpus, queries, 5, allowed)
    among = np.argsort(-(queries @ corpus[::2].T), axis=1)[:, :5] * 2
    assert truth.recall(among.tolist(), 5) == [1.0, 1.0]


def test_fewer_neighbours_than_were_asked_for_are_all_there_are() -> None:
    corpus = unit(3, 16)
    truth = exact.search(corpus, corpus[:1], 10)
    assert truth.known == 3
    assert truth.recall([[0, 1, 2]], 10) == [1.0]
    assert truth.recall([[0, 1]], 10) == [pytest.approx(2 / 3)]

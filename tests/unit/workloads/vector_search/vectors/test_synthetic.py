"""Made up vectors: the same for a seed, of length 1, and as hard to search as is asked."""

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.workloads.vector_search.vectors import exact
from embprof.workloads.vector_search.vectors.synthetic import BLOCK, DIRECTIONS, Synthetic


def source(**changes: Any) -> Synthetic:
    fields = {"corpus_size": 300, "dimensions": 64, "spread": 0.5, "seed": 1, **changes}
    return Synthetic(**fields)


def vectors(**changes: Any) -> NDArray[np.float32]:
    return source(**changes).corpus(print)


def test_vectors_have_length_one_and_the_dimensions_that_were_asked_for() -> None:
    found = vectors()
    assert found.shape == (300, 64)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_few_dimensions_are_enough() -> None:
    assert vectors(dimensions=3).shape == (300, 3)


def test_they_are_the_same_for_a_seed_and_others_for_another() -> None:
    assert np.array_equal(vectors(), vectors())
    assert not np.array_equal(vectors(), vectors(seed=2))


def test_a_smaller_corpus_is_the_beginning_of_a_larger_one() -> None:
    larger = vectors(corpus_size=BLOCK + 10)
    assert len(larger) == BLOCK + 10
    assert np.array_equal(vectors(), larger[:300])


def test_queries_are_none_of_the_corpus_and_have_no_end() -> None:
    made = source()
    sample = made.sample(50, print)
    streamed = np.array(list(itertools.islice(made.stream(print), BLOCK + 5)))
    for queries in (sample, streamed):
        assert (queries @ made.corpus(print).T).max() < 0.9999
    assert np.array_equal(sample, source().sample(50, print))
    assert len(np.unique(streamed, axis=0)) == BLOCK + 5


def test_vectors_vary_in_fewer_directions_than_they_have_numbers() -> None:
    values = np.linalg.svd(vectors(), compute_uv=False)
    assert values[DIRECTIONS] < 1e-3 * values[0]


@pytest.mark.parametrize(("easier", "harder"), [(0.1, 0.5), (0.5, 1.0)])
def test_the_more_they_are_spread_the_less_do_neighbours_stand_out(
    easier: float, harder: float
) -> None:
    def nearest(spread: float) -> float:
        made = source(spread=spread, corpus_size=2000)
        truth = exact.search(made.corpus(print), made.sample(100, print), 10)
        return float(truth.similarities[:, 9].mean())

    assert nearest(easier) > nearest(harder) + 0.02


def test_the_identity_is_that_of_the_parameters() -> None:
    assert source().identity() == source().identity()
    others: list[dict[str, Any]] = [
        {"corpus_size": 301},
        {"dimensions": 65},
        {"spread": 0.6},
        {"seed": 2},
    ]
    assert len({source(**other).identity() for other in others} | {source().identity()}) == 5


def test_there_are_no_texts() -> None:
    assert source().texts() is None  # type: ignore[func-returns-value]

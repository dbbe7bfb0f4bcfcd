"""Exact neighbours of small sets whose answer is known."""

import numpy as np
import pytest

from embprof.statistics import neighbours


def _circle(*degrees: float) -> neighbours.Vectors:
    turns = np.deg2rad(degrees)
    return np.stack([np.cos(turns), np.sin(turns)], axis=1)


def test_a_text_is_no_neighbour_of_itself() -> None:
    corpus = _circle(0, 10, 25, 45)
    assert neighbours.nearest(corpus, corpus, 1)[:, 0].tolist() == [1, 0, 1, 2]


def test_neighbours_come_nearest_first() -> None:
    corpus = _circle(0, 10, 25, 45)
    assert neighbours.nearest(corpus, corpus, 3)[0].tolist() == [1, 2, 3]


def test_queries_that_moved_look_among_what_stayed() -> None:
    corpus, moved = _circle(0, 10, 90, 100), _circle(0, 10, 90, 5)
    assert neighbours.nearest(moved, corpus, 1)[:, 0].tolist() == [1, 0, 3, 0]


def test_of_equally_near_ones_the_first_counts() -> None:
    corpus = np.stack([_circle(0)[0]] * 4)
    assert neighbours.nearest(corpus, corpus, 2).tolist() == [[1, 2], [0, 2], [0, 1], [0, 1]]


def test_blocks_give_what_one_search_over_all_gives() -> None:
    vectors = neighbours.unit_length(np.random.default_rng(0).normal(size=(1100, 8)))
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -np.inf)
    expected = np.argsort(-similar, axis=1)[:, :5]
    assert (neighbours.nearest(vectors, vectors, 5) == expected).all()


@pytest.mark.parametrize("count", [0, 3])
def test_more_neighbours_than_others_are_refused(count: int) -> None:
    corpus = _circle(0, 10, 25)
    with pytest.raises(ValueError, match="neighbours among 3 texts"):
        neighbours.nearest(corpus, corpus, count)


def test_cosines_are_of_each_pair_and_stay_within_bounds() -> None:
    a, b = neighbours.unit_length(7 * _circle(0, 0, 30)), _circle(0, 60, 30)
    assert neighbours.cosines(a, b) == pytest.approx([1.0, 0.5, 1.0])
    assert neighbours.cosines(a, b).max() <= 1.0


def test_an_embedding_of_zeros_has_no_direction_and_breaks_nothing() -> None:
    assert neighbours.unit_length(np.zeros((1, 3))).tolist() == [[0.0, 0.0, 0.0]]


def test_the_overlap_of_two_tops_does_not_mind_their_order() -> None:
    a, b = np.array([[1, 2, 3, 4], [1, 2, 3, 4]]), np.array([[4, 3, 2, 1], [1, 9, 8, 7]])
    assert neighbours.overlap(a, b).tolist() == [1.0, 0.25]

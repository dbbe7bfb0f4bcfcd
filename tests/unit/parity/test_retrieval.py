"""How good a search over labelled texts is: what holds for any ranking, and known values."""

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.corpora.labelled_queries import LabelledQueries
from embprof.parity.names import LOSS, NDCG, OF_REFERENCE, RECALL
from embprof.parity.retrieval import Found, figures, ndcg, recall, samples, search

DRAWS = 200
NAMES = [f"d{number}" for number in range(30)]


def rankings() -> list[tuple[list[str], dict[str, int]]]:
    """Documents in random orders, some of them relevant in random grades."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(DRAWS):
        ranked = list(rng.permutation(NAMES))
        relevant = rng.choice(NAMES, size=int(rng.integers(1, 15)), replace=False)
        found.append((ranked, {str(one): int(rng.integers(1, 4)) for one in relevant}))
    return found


def test_known_values() -> None:
    grades = {"a": 1, "b": 1}
    assert ndcg(["a", "x", "b"], grades) == pytest.approx(1.5 / (1 + 1 / math.log2(3)))
    assert ndcg(["x", "y", "z"], grades) == recall(["x"], grades) == 0
    assert ndcg(["b", "a"], {"a": 3, "b": 1}) == pytest.approx(
        (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3))
    )
    assert recall(["a", "x"], grades) == 0.5


def test_it_is_what_scikit_learn_has() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    for ranked, grades in rankings()[:50]:
        truth = [[grades.get(name, 0) for name in ranked]]
        scores = [list(range(len(ranked), 0, -1))]
        assert ndcg(ranked, grades) == pytest.approx(metrics.ndcg_score(truth, scores, k=10))


def test_the_best_order_is_1_and_no_other_is_more() -> None:
    for ranked, grades in rankings():
        best = sorted(ranked, key=lambda name: -grades.get(name, 0))
        assert ndcg(best, grades) == pytest.approx(1)
        assert 0 <= ndcg(ranked, grades) <= 1 + 1e-12
        assert 0 <= recall(ranked, grades) <= 1


def test_what_comes_behind_the_tenth_does_not_count() -> None:
    for ranked, grades in rankings():
        other = [*ranked[:10], *reversed(ranked[10:])]
        assert (ndcg(other, grades), recall(other, grades)) == (
            ndcg(ranked, grades),
            recall(ranked, grades),
        )


def test_a_better_document_that_comes_earlier_never_costs_anything() -> None:
    for ranked, grades in rankings():
        for at in range(9):
            first, second = ranked[at], ranked[at + 1]
            swapped = [*ranked[:at], second, first, *ranked[at + 2 :]]
            gained = ndcg(swapped, grades) - ndcg(ranked, grades)
            more = grades.get(second, 0) - grades.get(first, 0)
            assert math.copysign(1, gained) == math.copysign(1, more) or gained == more == 0


def test_the_size_of_grades_does_not_count() -> None:
    for ranked, grades in rankings():
        tripled = {name: 3 * grade for name, grade in grades.items()}
        assert ndcg(ranked, tripled) == pytest.approx(ndcg(ranked, grades))


def labelled() -> LabelledQueries:
    return LabelledQueries(
        documents={"d0": "zero", "d1": "one", "d2": "two"},
        queries={"q0": "nought", "d1": "one"},
        relevance={"q0": {"d0": 1}, "d1": {"d2": 1}},
    )


def vectors(*rows: tuple[float, ...]) -> NDArray[np.float64]:
    return np.array(rows, dtype=np.float64)


def test_the_nearest_come_first_whatever_their_length() -> None:
    documents = vectors((9.0, 0.0), (0.0, 0.1), (0.1, 5.0))
    found = search(labelled(), vectors((1.0, 0.1), (0.0, 7.0)), documents)
    assert found.ndcg.tolist() == [1, 1]  # the document with the query's own id is left out
    assert found.recall.tolist() == [1, 1]


def test_rounding_turns_no_order() -> None:
    rng = np.random.default_rng(1)
    queries = vectors((1.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    for _ in range(20):
        documents = np.ones((3, 3)) + 1e-8 * rng.normal(size=(3, 3))
        found = search(labelled(), queries, documents)
        assert found.ndcg.tolist() == [1.0, pytest.approx(1 / math.log2(3))]


def test_vectors_that_are_no_numbers_are_an_error() -> None:
    with pytest.raises(ValueError, match="finite"):
        search(labelled(), np.full((2, 2), np.nan), np.ones((3, 2)))


def read(own: NDArray[np.float64], reference: NDArray[np.float64]) -> dict[str, tuple[float, ...]]:
    found = samples(Found(ndcg=own, recall=own), Found(ndcg=reference, recall=reference))
    return {one.name: one.values for one in found}


def test_the_loss_is_known_better_than_either_side() -> None:
    rng = np.random.default_rng(2)
    reference = rng.uniform(0, 1, size=60)
    own = np.clip(reference - np.where(rng.uniform(size=60) < 0.5, 0.1, 0.0), 0, 1)
    found = {one.name: one.estimate for one in figures(read(own, reference))}
    assert set(found) == {NDCG, RECALL, f"{NDCG}{LOSS}", f"{RECALL}{LOSS}"}
    of_own, loss = found[NDCG], found[f"{NDCG}{LOSS}"]
    assert of_own is not None
    assert loss is not None
    assert of_own.bounds is not None
    assert loss.bounds is not None
    assert loss.bounds[0] < (reference - own).mean() < loss.bounds[1]
    assert loss.bounds[1] - loss.bounds[0] < (of_own.bounds[1] - of_own.bounds[0]) / 3


def test_the_interval_of_a_loss_covers_it() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(DRAWS):
        reference = rng.beta(4, 1, size=50)
        own = reference - np.where(rng.uniform(size=50) < 0.4, rng.uniform(0, 0.2, size=50), 0)
        loss = next(one for one in figures(read(own, reference)) if one.name == f"{NDCG}{LOSS}")
        assert loss.estimate is not None
        assert loss.estimate.bounds is not None
        covered += loss.estimate.bounds[0] <= 0.04 <= loss.estimate.bounds[1]
    assert covered / DRAWS >= 0.91


def test_random_weights_have_no_quality_and_say_so() -> None:
    nothing = {one.name: one.values for one in samples(None, None)}
    assert set(nothing) == {NDCG, RECALL, f"{OF_REFERENCE}{NDCG}", f"{OF_REFERENCE}{RECALL}"}
    assert {(one.estimate, one.note) for one in figures(nothing)} == {
        (None, "n/a (random weights)")
    }


def test_without_labels_there_is_nothing() -> None:
    assert figures({"cosine": (1.0,)}) == []


def test_more_queries_than_a_block_are_all_searched() -> None:
    ids = [f"q{number}" for number in range(600)]
    many = LabelledQueries(
        documents={"a": "", "b": ""},
        queries=dict.fromkeys(ids, ""),
        relevance={name: {"ab"[at % 2]: 1} for at, name in enumerate(ids)},
    )
    asked = np.array([[1.0, 0.0], [0.0, 1.0]])[np.arange(600) % 2]
    found = search(many, asked, np.eye(2))
    assert found.ndcg.tolist() == list(itertools.repeat(1.0, 600))

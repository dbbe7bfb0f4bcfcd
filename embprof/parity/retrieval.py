"""Whether a search over labelled texts finds what answers each query: nDCG@10 and recall@10.

Agreement with a reference says that something moved, not whether it moved for the worse: a model
that swaps two passages which are no answer either way costs nobody anything. Labels tell.

*nDCG@10*: what the ten first documents are worth, each by its grade and the less the later it
comes, over what the best ten would be (Järvelin & Kekäläinen 2002, ACM TOIS 20, 422-446): the sum
of grade / log2(1 + rank). Grades count as they are, which is ``ndcg_cut_10`` of trec_eval and what
BEIR reports; other tools take 2**grade - 1, the same where every grade is 1. *recall@10*: the share
of all relevant documents among the ten first.

What can go wrong. *Ties*: of equally near documents the first of the corpus comes first, and
similarities that differ by rounding alone are equal (:mod:`embprof.parity.similarities`), so that
rounding turns no order. *Few queries*: each is one piece of evidence, however many documents there
are. Two services are asked the same queries, so what counts is each query's difference, which
varies much less than the queries do. *Missing labels*: an answer that nobody has labelled counts as
none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embprof.corpora.labelled_queries import LabelledQueries
from embprof.interface.figure import figure
from embprof.model import Figure, Samples
from embprof.parity.names import LOSS, NDCG, OF_REFERENCE, RECALL
from embprof.parity.similarities import TIE
from embprof.statistics import independent, neighbours
from embprof.statistics.independent import within

CUT = 10
"""Documents that a search returns."""
UNITS = "queries"
RANDOM = "n/a (random weights)"
BLOCK = 256
"""Queries whose similarities to all documents are in memory at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How good the answers to each query are, (N,) each, from 0 to 1."""

    ndcg: NDArray[np.float64]
    recall: NDArray[np.float64]


def search(
    labelled: LabelledQueries,
    queries: NDArray[np.floating],
    documents: NDArray[np.floating],
) -> Found:
    """Searches all documents with each query: vectors (Q, D) and (N, D), in the texts' order.

    Near is what has a high cosine. A document with the id of the query is not found, as BEIR has
    it. Raises ValueError for vectors that are no finite numbers.
    """
    if not (np.isfinite(queries).all() and np.isfinite(documents).all()):
        raise ValueError("vectors must be finite numbers")
    names = list(labelled.documents)
    places = {name: place for place, name in enumerate(names)}
    near = neighbours.unit_length(documents)
    found: list[tuple[float, float]] = []
    asked = neighbours.unit_length(queries)
    ids = list(labelled.queries)
    for begin in range(0, len(ids), BLOCK):
        similar = np.rint(asked[begin : begin + BLOCK] @ near.T / TIE)
        for row, query in zip(similar, ids[begin : begin + BLOCK], strict=True):
            if query in places:
                row[places[query]] = -np.inf
            ranked = [names[at] for at in np.argsort(-row, kind="stable")[:CUT]]
            grades = labelled.relevance[query]
            found.append((ndcg(ranked, grades), recall(ranked, grades)))
    both = np.array(found, dtype=np.float64)
    return Found(ndcg=both[:, 0], recall=both[:, 1])


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], cut: int = CUT) -> float:
    """Normalised discounted cumulative gain of the first documents, from 0 to 1.

    ``ranked``: ids, best first; ``grades``: those of the relevant ones, one at least. Source:
    Järvelin & Kekäläinen 2002, with the discount log2(1 + rank) and linear gains of trec_eval.
    """
    gained = _gain([grades.get(name, 0) for name in ranked[:cut]])
    return gained / _gain(sorted(grades.values(), reverse=True)[:cut])


def recall(ranked: Sequence[str], grades: Mapping[str, int], cut: int = CUT) -> float:
    """The share of the relevant documents that are among the first, from 0 to 1."""
    return len(grades.keys() & set(ranked[:cut])) / len(grades)


def _gain(grades: Sequence[int]) -> float:
    ranks = np.arange(1, len(grades) + 1)
    return float((np.asarray(grades, dtype=np.float64) / np.log2(1 + ranks)).sum())


def samples(own: Found | None, reference: Found | None) -> list[Samples]:
    """One reading per query of the service and of the reference; none where weights are random."""
    return [
        Samples(name=f"{of}{name}", unit="1", better="higher", values=values)
        for of, found in (("", own), (OF_REFERENCE, reference))
        for name, values in _readings(found)
    ]


def _readings(found: Found | None) -> list[tuple[str, tuple[float, ...]]]:
    if found is None:
        return [(NDCG, ()), (RECALL, ())]
    return [(NDCG, tuple(map(float, found.ndcg))), (RECALL, tuple(map(float, found.recall)))]


def figures(read: Mapping[str, Sequence[float]]) -> list[Figure]:
    """The means and, query by query, what is lost of the reference's, with intervals.

    ``read``: readings by quantity; nothing comes of those that :func:`samples` did not make.
    """
    if NDCG not in read:
        return []
    return [one for name in (NDCG, RECALL) for one in _figures(name, read)]


def _figures(name: str, read: Mapping[str, Sequence[float]]) -> list[Figure]:
    own, of_reference = np.array(read[name]), np.array(read[f"{OF_REFERENCE}{name}"])
    if not own.size:
        return [
            figure(name, "", None, better="higher", note=RANDOM),
            figure(f"{name}{LOSS}", "", None, note=RANDOM),
        ]
    return [
        figure(
            name, "", within(independent.mean(own, units=UNITS), low=0.0, high=1.0), better="higher"
        ),
        figure(f"{name}{LOSS}", "", independent.mean(of_reference - own, units=UNITS)),
    ]

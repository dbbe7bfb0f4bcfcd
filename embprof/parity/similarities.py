"""Whether texts keep their neighbours: two sets of vectors compared by all their similarities.

Similarities are taken to a millionth. float32 vectors of the same text in two batches differ by
some 1e-7, so what two texts are apart by less is no order that anybody could keep: whichever comes
first is right. Texts that repeat are such ties.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embprof.statistics.neighbours import Vectors

TIE = 1e-6
"""Similarities that are no further apart are equal: ten times the rounding of float32 (6e-8) in a
sum of some hundred products."""
BLOCK = 256
"""Texts whose similarities to all others are in memory at a time: 20 MB with 10,000 texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What each text keeps, (N,) each.

    1 or 0 for its ``nearest``, the share of the ``top``, and the correlation of the ``ranks`` of
    its similarities to all others, None of fewer than three texts.
    """

    nearest: Vectors
    top: Vectors
    ranks: Vectors | None


def kept(reference: Vectors, own: Vectors, *, top: int) -> Kept:
    """What is kept of the reference's neighbours; rows of unit length, (N, D) and (N, D').

    ``top`` is cut to the number of other texts. Raises ValueError for fewer than two texts, or not
    as many in both.
    """
    if len(reference) != len(own) or len(own) < 2:  # noqa: PLR2004  (a text and a neighbour)
        raise ValueError(f"{len(reference)} and {len(own)} vectors: need two of each at least")
    top = min(top, len(own) - 1)
    parts = [_kept(before, after, top) for before, after in _blocks(reference, own)]
    has_ranks = len(own) > 2  # noqa: PLR2004  (one other text has no order)
    return Kept(
        nearest=np.concatenate([part[0] for part in parts]),
        top=np.concatenate([part[1] for part in parts]),
        ranks=np.concatenate([part[2] for part in parts]) if has_ranks else None,
    )


def _blocks(reference: Vectors, own: Vectors) -> Iterator[tuple[Vectors, Vectors]]:
    """Similarities of some texts to all others, in steps of TIE: (block, N - 1) each."""
    for begin in range(0, len(own), BLOCK):
        rows = slice(begin, begin + BLOCK)
        yield _others(reference[rows] @ reference.T, begin), _others(own[rows] @ own.T, begin)


def _others(similar: Vectors, begin: int) -> Vectors:
    """The similarities without each text's own, in whole steps of TIE."""
    rows, count = similar.shape
    others = np.ones(similar.shape, dtype=np.bool_)
    others[np.arange(rows), begin + np.arange(rows)] = False
    return np.asarray(np.rint(similar[others].reshape(rows, count - 1) / TIE))


def _kept(before: Vectors, after: Vectors, top: int) -> tuple[Vectors, Vectors, Vectors]:
    one = _shared(before, after, 1)
    return one, _shared(before, after, top) / top, _rank_correlation(before, after)


def _shared(before: Vectors, after: Vectors, count: int) -> Vectors:
    """How many of the ``count`` nearest are the same, of all that ties allow the most: (rows,).

    A rounded similarity may lie one step beside its equal, so what is one step below the last of
    the nearest is tied with it.
    """
    first, first_tied = _nearest(before, count)
    own, own_tied = _nearest(after, count)
    places = count - own.sum(axis=1)
    spare = count - first.sum(axis=1)
    both = (own & first).sum(axis=1)
    from_ties = np.minimum((own_tied & first).sum(axis=1), places)
    of_ties = (own & first_tied).sum(axis=1)
    tied_in_both = np.minimum((own_tied & first_tied).sum(axis=1), places - from_ties)
    return np.asarray(both + from_ties + np.minimum(of_ties + tied_in_both, spare), dtype=float)


def _nearest(similar: Vectors, count: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Those that are among the nearest whatever is taken, and those tied for the places left."""
    last = np.partition(similar, -count, axis=1)[:, -count, None]
    return similar > last + 1, np.abs(similar - last) <= 1


def _rank_correlation(before: Vectors, after: Vectors) -> Vectors:
    """Spearman's of each row, ties with the mean of their ranks; (rows,).

    Where all are tied on one side there is no order: 1 if so on the other, else 0.
    """
    a, b = _ranks(before), _ranks(after)
    products = np.einsum("rn,rn->r", a, b)
    sizes = np.einsum("rn,rn->r", a, a), np.einsum("rn,rn->r", b, b)
    size = np.sqrt(sizes[0] * sizes[1])
    is_flat = size == 0
    found = products / np.where(is_flat, 1.0, size)
    found[is_flat] = (sizes[0] == sizes[1])[is_flat]
    return np.asarray(np.clip(found, -1.0, 1.0))


def _ranks(similar: Vectors) -> Vectors:
    """Ranks less their mean, ties with the mean of theirs: (rows, N)."""
    rows, count = similar.shape
    order = np.argsort(similar, axis=1)
    ordered = np.take_along_axis(similar, order, axis=1)
    begins = np.ones((rows, count), dtype=np.bool_)
    begins[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    at = np.flatnonzero(begins)  # each row begins a run of its own
    lengths = np.diff(np.append(at, rows * count))
    means = np.repeat(at % count + (lengths - 1) / 2, lengths).reshape(rows, count)
    ranks = np.empty_like(means)
    np.put_along_axis(ranks, order, means, axis=1)
    return np.asarray(ranks - (count - 1) / 2)

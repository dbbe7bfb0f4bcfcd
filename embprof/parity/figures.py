"""Readings of compared answers to figures: one derivation, whoever asks."""

from collections.abc import Mapping, Sequence

import numpy as np

from embprof.model import Figure
from embprof.parity import agreement, odd_texts, retrieval
from embprof.parity.agreement import Agreement
from embprof.parity.names import (
    COSINE,
    LOSS,
    NDCG,
    NEAREST,
    NEAREST_KEPT,
    ODD_LEAST,
    OF_ODD,
    OF_REFERENCE,
    RANKS,
    RECALL,
    TOP,
    TOP_KEPT,
)

QUALITIES = (NDCG, RECALL)
READ = frozenset(
    {
        *(COSINE, NEAREST, TOP, RANKS),
        *(f"{OF_ODD}{kind}" for kind in odd_texts.NAMES),
        *(f"{of}{name}" for of in ("", OF_REFERENCE) for name in QUALITIES),
    }
)
"""Quantities that are read of each text, of each odd one, and of each labelled query."""
NAMES = frozenset(
    {
        *(f"{COSINE}_{name}" for name in ("mean", "p01", "min")),
        *(NEAREST_KEPT, TOP_KEPT, RANKS, ODD_LEAST),
        *(f"{OF_ODD}{kind}_{COSINE}_min" for kind in odd_texts.NAMES),
        *(f"{name}{what}" for name in QUALITIES for what in ("", LOSS)),
    }
)
"""The names of all figures."""


def figures(read: Mapping[str, Sequence[float]]) -> tuple[Figure, ...]:
    """How far answers agree with the reference's, and how good they are; by quantity."""
    cosine, ranks = read.get(COSINE), read.get(RANKS)
    found = Agreement(
        cosine=np.array(cosine) if cosine else None,
        nearest=np.array(read[NEAREST]) / 100,
        top10=np.array(read[TOP]) / 100,
        ranks=np.array(ranks) if ranks else None,
    )
    return (*agreement.figures(found), *odd_texts.figures(read), *retrieval.figures(read))

"""Odd texts that every comparison of answers asks for beside the user's own.

A backend that is right on plain texts may be wrong on an empty one, on one that is longer than its
limit, or on a script that its tokeniser reads otherwise. Corpora seldom have such texts, services
meet them every day. There are some 70, so they cost little. Each kind is asked for in one call, as
batches come, and held against the reference's vectors of each text alone.

*padding* are plain texts of eight words, each in a batch with three that are six times as long.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from embprof.interface.figure import figure, plain
from embprof.interface.workload import Embeds
from embprof.model import Figure, Samples
from embprof.parity import probes
from embprof.parity.agreement import OTHER_DIMENSIONS, cosines
from embprof.parity.habits import SHORT, beside_long
from embprof.parity.names import COSINE, ODD_LEAST, OF_ODD
from embprof.statistics import neighbours

KINDS: Mapping[str, Sequence[str]] = {
    "empty": probes.EMPTY,
    "one_token": probes.ONE_TOKEN,
    "cjk": probes.HAN,
    "emoji": probes.EMOJI,
    "numbers": probes.NUMBERS,
    "case": tuple(chain.from_iterable(probes.CASE)),
    "accents": tuple(chain.from_iterable(probes.ACCENTS)),
    "white_space": tuple(chain.from_iterable((*probes.WHITE_SPACE, *probes.LINE_ENDS))),
    "padding": SHORT,
}
LONG, PADDING = "long", "padding"
NAMES = (LONG, *KINDS)
UNANSWERED = 0.0
"""The cosine of a text that one side alone answers with numbers: nothing in common."""
Kinds = Mapping[str, Sequence[str]]


def texts(limit: int) -> Kinds:
    """The texts of each kind, for a service that cuts at so many tokens.

    The long ones have more words than that, those of services that read more than
    ``probes.LONGEST`` words twice as many as these.
    """
    count = min(limit, probes.LONGEST)
    long = (probes.words(count + 1), *(probes.tailed(count, count, which=one) for one in (0, 1)))
    return {LONG: long, **KINDS}


def answers(
    service: Embeds, kinds: Kinds, *, batch_size: int
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The vectors of each kind as a service gives them in batches, (N, D)."""
    for kind, of in kinds.items():
        if kind == PADDING:
            batches = [beside_long(text, place) for place, text in enumerate(of)]
            rows = [service.vectors(batch, batch_size=len(batch))[:1] for batch in batches]
            yield kind, np.concatenate(rows)
        else:
            yield kind, service.vectors(list(of), batch_size=batch_size)


def samples(kind: str, reference: NDArray[np.floating], own: NDArray[np.floating]) -> Samples:
    """The cosine of each text of a kind, none where dimensions differ.

    A text that neither answers with numbers has the same answer, 1; one that a single side does
    has :data:`UNANSWERED`.
    """
    values: tuple[float, ...] = ()
    if reference.shape[1] == own.shape[1]:
        values = tuple(map(float, _cosines(reference, own)))
    return Samples(name=f"{OF_ODD}{kind}", unit="1", better="higher", values=values)


def figures(read: Mapping[str, Sequence[float]]) -> list[Figure]:
    """The least cosine of all, and of each kind; ``read``: readings by quantity.

    They have no intervals: these texts are no sample of any others.
    """
    kinds = {kind: read[f"{OF_ODD}{kind}"] for kind in NAMES if f"{OF_ODD}{kind}" in read}
    every = [value for values in kinds.values() for value in values]
    if not kinds:
        return []
    return [
        _least(ODD_LEAST, every),
        *(_least(f"{OF_ODD}{kind}_{COSINE}_min", values) for kind, values in kinds.items()),
    ]


def _least(name: str, values: Sequence[float]) -> Figure:
    if not values:
        return figure(name, "", None, better="higher", note=OTHER_DIMENSIONS)
    return plain(name, "", min(values), f"least of {len(values)} probes", better="higher")


def _cosines(reference: NDArray[np.floating], own: NDArray[np.floating]) -> NDArray[np.float64]:
    is_one, is_other = (np.isfinite(a).all(axis=1) & a.any(axis=1) for a in (reference, own))
    found = np.where(is_one == is_other, 1.0, UNANSWERED)
    both = is_one & is_other
    a, b = (neighbours.unit_length(those[both]) for those in (reference, own))
    found[both] = cosines(a, b)
    return np.asarray(found)

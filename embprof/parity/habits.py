"""What a service does wrong whatever it is compared with: seen on itself alone.

A text's vector depends on the text alone: not on how often it is asked for, not on its neighbours
in a batch, not on its place there. And different texts have different vectors.

What can go wrong. In bfloat16 a batch of another shape rounds otherwise: what counts is further
than that. Where rows are in disorder every row has moved: whose a row is, is asked first, and of
what moved by company the nearest row counts.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from embprof.parity import probes
from embprof.parity.answers import RefusalError
from embprof.parity.fault import Fault
from embprof.parity.side import BATCH, Side, effect
from embprof.parity.thresholds import MOVED, NORM, UNALIKE
from embprof.statistics.neighbours import Vectors

UNSTEADY, REPEATS, NOT_FINITE = "unsteady", "one_for_all", "not_finite"
ORDER, COMPANY, PADDING = "order", "company", "padding"
SHORT = probes.PLAIN[:8]
_ALIKE = tuple(text for text in probes.PLAIN[8:] if len(text.split()) == len(SHORT[0].split()))
LONGER_IS_WORSE = 2.0
"""How much further long neighbours must move a text than short ones to be padding's doing. What
quantised activations do to all-MiniLM-L6-v2 is the same beside either (0.24)."""
LONG_WORDS = 48
"""Words of the long neighbours: within any usual limit, six times as long as a plain text."""


def not_finite(side: Side) -> Fault | None:
    """Vectors that are no numbers, or are all zeros, of texts that are not empty."""
    texts = [text for text in probes.every() if text.strip()]
    bad = [
        text for text in texts if side.refusal(text) is None and not _is_vector(side.raw([text])[0])
    ]
    if not bad:
        return None
    words = f"no numbers: {side.label} answers {len(bad)} of {len(texts)} probes with NaN or zeros"
    return Fault(name=NOT_FINITE, words=words, evidence={"example": bad[0]}, effect=1.0)


def unsteady(side: Side) -> Fault | None:
    """Another answer to the same text, asked for again."""
    largest = side.moves
    changed = largest > MOVED
    if not changed.any():
        return None
    words = (
        f"answers change when asked again: {int(changed.sum())} of {len(probes.PLAIN)} texts in "
        f"{side.label}, as with two models behind one address, or with dropout"
    )
    worst = largest[changed]
    return Fault(
        name=UNSTEADY,
        words=words,
        evidence={"texts": int(changed.sum()), "largest_distance": float(worst.max())},
        effect=effect(worst),
    )


def one_for_all(side: Side, other: Side) -> Fault | None:
    """Equal vectors for texts that mean different things, and that the other side tells apart."""
    beginnings = [one for pair in probes.BEGINNINGS for one in pair]
    texts = [*probes.PLAIN, *beginnings]
    mine, theirs = _apart(side.vectors(texts)), _apart(other.vectors(texts))
    found = np.triu((mine <= side.same) & (theirs > UNALIKE), k=1)
    if not found.any():
        return None
    a, b = (int(place[0]) for place in np.nonzero(found))
    words = (
        f"one answer for different texts: {int(found.sum())} pairs of probes have equal vectors in "
        f"{side.label}, as from a cache that knows a text by part of it"
    )
    return Fault(
        name=REPEATS,
        words=words,
        evidence={"pairs": int(found.sum()), "example": f"{texts[a]} = {texts[b]}"},
        effect=effect(theirs[found]),
    )


def order(
    side: Side, texts: Sequence[str], some: Sequence[str], *, batch_size: int
) -> Fault | None:
    """Rows of a call that are another text's.

    ``texts``: as a user would send them, each once; ``some`` of them are looked for.
    """
    found = _displaced(side, probes.PLAIN, probes.PLAIN, BATCH)
    try:
        more = _displaced(side, texts, some, batch_size)
    except RefusalError:  # of a text of the user's: its own fault
        more = np.empty(0)
    places = np.concatenate([found, more])
    if not (places > 0).any():
        return None
    moved = places[places > 0]
    words = (
        f"order changed: {len(moved)} of {len(places)} rows of a call belong to other texts in "
        f"{side.label}"
    )
    return Fault(
        name=ORDER,
        words=words,
        evidence={"rows": len(moved), "of": len(places)},
        effect=effect(moved),
    )


def company(side: Side) -> Iterator[Fault]:
    """A short text whose vector depends on what else is in its batch: on its length, or on any."""
    alone = side.vectors(SHORT)
    beside = _beside(side, beside_long)
    among = _beside(side, lambda text, place: [text, *_ALIKE[place : place + 3]])
    long, short = (_nearest(alone, rows) for rows in (beside, among))
    of_long, of_short = float(np.median(long)), float(np.median(short))
    evidence = {"distance_beside_long": of_long, "distance_beside_short": of_short}
    if of_short > MOVED:
        yield Fault(
            name=COMPANY,
            words=f"neighbours in the batch change a text's vector in {side.label}, as with "
            "activations quantised by batch",
            evidence=evidence,
            effect=effect(short),
        )
    if of_long > max(MOVED, LONGER_IS_WORSE * of_short):
        yield Fault(
            name=PADDING,
            words=f"padding leaks into the answer: a short text beside long ones has another "
            f"vector in {side.label}",
            evidence=evidence,
            effect=effect(long),
        )


def beside_long(text: str, place: int) -> list[str]:
    """A batch of a short text, which comes first, and of three long ones; no two are alike."""
    return [text, *[probes.words(LONG_WORDS - place)] * 3]


def lengths(a: Side, b: Side) -> Fault | None:
    """Vectors of length 1 on one side, of other lengths on the other."""
    norms = {side: np.linalg.norm(side.raw(probes.PLAIN), axis=1) for side in (a, b)}
    off = [side for side, those in norms.items() if np.abs(those - 1).max() > NORM]
    if len(off) != 1:
        return None
    low, high = float(norms[off[0]].min()), float(norms[off[0]].max())
    words = f"not normalised: lengths of {low:.3g} to {high:.3g} in {off[0].label}"
    return Fault(name="normalisation", words=words, evidence={"least": low, "largest": high})


def _beside(side: Side, batch: Callable[[str, int], list[str]]) -> list[Vectors]:
    """The vectors of the batch of each short text."""
    batches = [batch(text, place) for place, text in enumerate(SHORT)]
    return [side.together(texts, batch_size=len(texts)) for texts in batches]


def _nearest(alone: Vectors, batches: Sequence[Vectors]) -> Vectors:
    """How far each text is from the nearest row of its batch, whatever the order: (N,)."""
    return np.array(
        [np.linalg.norm(rows - row, axis=1).min() for row, rows in zip(alone, batches, strict=True)]
    )


def _displaced(side: Side, texts: Sequence[str], some: Sequence[str], batch_size: int) -> Vectors:
    """How far rows are from their own text's vector where another text's is theirs, else 0: (n,).

    A row has moved where the vector of its text alone lies far from it, and at less than half of
    that from some other row.
    """
    if not some:
        return np.empty(0)
    rows = side.together(texts, batch_size=batch_size)
    places = np.array([texts.index(text) for text in some])
    alone = side.vectors(some)
    apart = np.stack([np.linalg.norm(rows - row, axis=1) for row in alone])
    own = apart[np.arange(len(places)), places]
    is_moved = (own > MOVED) & (apart.min(axis=1) < own / 2)
    return np.where(is_moved, own, 0.0)


def _apart(vectors: Vectors) -> Vectors:
    """The distances of all pairs: (N, N)."""
    return np.stack([np.linalg.norm(vectors - row, axis=1) for row in vectors])


def _is_vector(row: Vectors) -> bool:
    return bool(np.isfinite(row).all() and np.any(row))


def each(
    sides: Sequence[Side], look: Callable[[Side], Fault | None]
) -> Iterator[tuple[Side, Fault]]:
    """The faults of the sides that have one."""
    for side in sides:
        if (found := look(side)) is not None:
            yield side, found

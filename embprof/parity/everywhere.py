"""The faults that every text shows: prompt, pooling, dimensions, precision, another model."""

from collections.abc import Iterator, Sequence

import numpy as np

from embprof.parity import probes
from embprof.parity.answers import POOLINGS, RefusalError
from embprof.parity.explanation import TRIED, Change, Explanation
from embprof.parity.fault import Fault
from embprof.parity.side import OWN, Side, distances, effect
from embprof.parity.thresholds import LOSS, ROUNDING

_COARSEST_FIRST = (("bfloat16", 16), ("float16", 13))
"""Last bits of a float32 that are zero in a number of each type."""


def faults(a: Side, b: Side, found: Explanation, *, by_company: Sequence[Side]) -> Iterator[Fault]:
    """What the explanation says, and what it leaves.

    ``by_company``: the sides whose activations depend on the batch.
    """
    if not found.is_same_space:
        yield _other_model(a, b, found)
        return
    yield from _dimensions(a, b, found)
    for side, other, change in ((a, b, found.a), (b, a, found.b)):
        yield from _lacking(side, other, change, found, first=a)
    yield from _rest(a, b, found, by_company)


def _other_model(a: Side, b: Side, found: Explanation) -> Fault:
    dimensions = [side.vectors(probes.PLAIN[:1]).shape[1] for side in (a, b)]
    more = "" if len(set(dimensions)) == 1 else f", {dimensions[0]} and {dimensions[1]} dimensions"
    return Fault(
        name="other_model",
        words=f"another model: vectors of the same text have nothing in common{more}",
        evidence={"standard_errors": found.z},
        effect=effect(found.before),
    )


def _dimensions(a: Side, b: Side, found: Explanation) -> Iterator[Fault]:
    """The first dimensions of the other's, of length 1 again."""
    sizes = {side: side.vectors(probes.PLAIN[:1]).shape[1] for side in (a, b)}
    if sizes[a] == sizes[b]:
        return
    small, large = sorted((a, b), key=lambda side: sizes[side])
    whole = large.vectors(probes.PLAIN)
    lost = 1 - np.linalg.norm(whole[:, : sizes[small]], axis=1)
    yield Fault(
        name="dimensions",
        words=f"dimensions cut: {small.label} has the first {sizes[small]} of the "
        f"{sizes[large]} in {large.label}",
        evidence={"distance": float(np.median(found.after))},
        effect=float(lost.mean()),
    )


def _lacking(
    side: Side, other: Side, change: Change, found: Explanation, *, first: Side
) -> Iterator[Fault]:
    """What had to be done to a side to make it like the other; ``first`` is told first."""
    evidence = {
        "distance": float(np.median(found.before)),
        "distance_explained": float(np.median(found.after)),
    }
    if change.prompt:
        yield Fault(
            name="prompt",
            words=f"prompt missing in {side.label}: {other.label} puts {change.prompt!r} before "
            "every text",
            evidence=evidence,
            effect=effect(found.before),
        )
    if change.pooling != OWN:
        told = [
            f"{change.pooling} in {other.label}",
            f"{_pooling(side) or 'another'} in {side.label}",
        ]
        yield Fault(
            name="pooling",
            words=f"pooling differs: {', '.join(told if other is first else reversed(told))}",
            evidence=evidence,
            effect=effect(found.before),
        )


def _pooling(side: Side) -> str | None:
    """The pooling under which a side gives the vectors that it gives by itself."""
    own = side.vectors(TRIED)
    for pooling in POOLINGS:
        try:
            pooled = side.trial(TRIED, pooling)
        except RefusalError:
            continue
        if np.median(distances(own, pooled)) <= LOSS:
            return pooling
    return None


def _rest(a: Side, b: Side, found: Explanation, by_company: Sequence[Side]) -> Iterator[Fault]:
    """What no explanation takes away: rounding, loss of precision, or other weights."""
    distance = float(np.median(found.after))
    evidence = {
        "distance": distance,
        "largest_distance": float(found.after.max()),
        "cosine": 1 - distance**2 / 2,
        "shared": found.shared,
    }
    size = f"a distance of {distance:.2g} (cosine {1 - distance**2 / 2:.6f})"
    if distance <= ROUNDING:
        return
    if distance <= LOSS or by_company:
        coarse = [f"{side.label} gives {kind} numbers" for side in (a, b) if (kind := _type(side))]
        cause = _cause(distance, coarse, by_company)
        yield Fault(
            name="precision",
            words=f"precision: small differences without structure, {size}: {cause}",
            evidence=evidence,
            effect=effect(found.after),
            is_structural=False,
        )
        return
    yield Fault(
        name="other_revision",
        words=f"other weights, or a cause that was not found: every text differs, by {size}, which "
        "is beyond rounding to 16 bits or weights in 8; another revision, fewer bits, a prompt or "
        "a pooling that was not tried",
        evidence=evidence,
        effect=effect(found.after),
    )


def _cause(distance: float, coarse: Sequence[str], by_company: Sequence[Side]) -> str:
    if coarse:
        return "; ".join(coarse)
    if by_company:
        return "quantised activations"
    if distance <= _LIKE_FLOAT16:
        return "as of float16"
    if distance <= _LIKE_BFLOAT16:
        return "as of bfloat16, or of vectors in 8 bits"
    return "as of bfloat16 in a large network, or of weights in 8 bits"


_LIKE_FLOAT16, _LIKE_BFLOAT16 = 0.003, 0.02
"""Twice what is measured of the smaller type and of the larger (embprof.parity.thresholds)."""


def _type(side: Side) -> str | None:
    """The type of fewer bits that all numbers of a side's vectors are of."""
    numbers = side.raw(probes.PLAIN).astype(np.float32)
    for kind, bits in _COARSEST_FIRST:
        if not np.any(numbers.view(np.uint32) & np.uint32(2**bits - 1)):
            return kind
    return None

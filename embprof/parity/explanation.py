"""What makes two services give other vectors for every text: tried out until one thing explains it.

A side is asked for the plain texts with a prompt before them, or under another pooling, and so is
the other; what brings them together again is what the one lacks. First whether they know the same
space at all: vectors of the same text must be nearer to each other than to those of other texts, by
more than chance allows. Where one side has fewer dimensions they are compared with the other's
first ones.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from embprof.parity import probes
from embprof.parity.answers import POOLINGS, RefusalError
from embprof.parity.side import OWN, Side, cut, distances
from embprof.parity.thresholds import CHANCE, CLEARLY, EXPLAINED, LOSS, PARTLY
from embprof.statistics.neighbours import Vectors

TRIED = probes.PLAIN[::3]
"""Texts that hypotheses are tried on; the whole group has to bear out the one that is taken."""
MUCH_BETTER = 2.0
"""How much nearer a hypothesis of more parts must bring the sides to be taken in a simpler one's
place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is done to one side: a prompt put before each text, another pooling."""

    prompt: str = ""
    pooling: str = OWN

    @property
    def parts(self) -> int:
        """How many things that is."""
        return bool(self.prompt) + (self.pooling != OWN)

    def apply(self, side: Side, texts: Sequence[str]) -> Vectors:
        """The side's vectors so changed; raises RefusalError."""
        if not self.parts:
            return side.vectors(texts)
        return side.trial([self.prompt + text for text in texts], self.pooling)


NOTHING = Change()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What is done to A, or to B, that brings them together, and how far apart plain texts are.

    ``before`` and ``after``: distances of each plain text, (N,), without and with it. ``z``: the
    standard errors by which same texts are nearer than others with it.
    """

    a: Change
    b: Change
    before: Vectors
    after: Vectors
    z: float
    shared: float

    @property
    def is_same_space(self) -> bool:
        """Whether the sides' vectors have to do with each other at all."""
        return self.z > CHANCE


def explain(a: Side, b: Side) -> Explanation:
    """The simplest change that brings the sides together; none where none does."""
    plain = _compared(a, b, NOTHING, NOTHING, probes.PLAIN)
    before = distances(*plain)
    best, nearest = (NOTHING, NOTHING), before
    if np.median(before) > LOSS:
        for changes, better in ((_simple(a, b), 1.0), (_double(a, b), MUCH_BETTER)):
            found, share = _best(a, b, changes)
            if found is None:
                continue
            after = distances(*_compared(a, b, *found, probes.PLAIN))
            left = float(np.median(after) / np.median(before))
            is_explained = left <= EXPLAINED or (left <= PARTLY and share <= CLEARLY)
            if is_explained and np.median(after) <= np.median(nearest) / better:
                best, nearest = found, after
            if np.median(nearest) <= LOSS:
                break
    both = _compared(a, b, *best, probes.PLAIN)
    return Explanation(
        a=best[0],
        b=best[1],
        before=before,
        after=nearest,
        z=_likeness(*both),
        shared=_shared(*both),
    )


def _simple(a: Side, b: Side) -> Iterator[tuple[Change, Change]]:
    """One thing done to one side."""
    for prompt in _prompts(a, b):
        yield Change(prompt=prompt), NOTHING
        yield NOTHING, Change(prompt=prompt)
    for pooling in POOLINGS:
        yield Change(pooling=pooling), NOTHING
        yield NOTHING, Change(pooling=pooling)


def _double(a: Side, b: Side) -> Iterator[tuple[Change, Change]]:
    """A prompt and a pooling, both to one side or each to one."""
    for pooling in POOLINGS:
        for prompt in _prompts(a, b):
            yield Change(prompt=prompt, pooling=pooling), NOTHING
            yield NOTHING, Change(prompt=prompt, pooling=pooling)
            yield Change(pooling=pooling), Change(prompt=prompt)
            yield Change(prompt=prompt), Change(pooling=pooling)


def _prompts(a: Side, b: Side) -> list[str]:
    return list(dict.fromkeys([*a.prompts(), *b.prompts(), *probes.PROMPTS]))


def _best(
    a: Side, b: Side, changes: Iterator[tuple[Change, Change]]
) -> tuple[tuple[Change, Change] | None, float]:
    """The change of those that can be tried that brings the sides nearest.

    With it what it leaves as a share of what the next best one leaves: 1 where both leave nothing.
    """
    remembered: dict[tuple[str, Change], Vectors | None] = {}

    def changed(side: Side, change: Change) -> Vectors | None:
        key = side.label, change
        if key not in remembered:
            try:
                remembered[key] = change.apply(side, TRIED)
            except RefusalError:
                remembered[key] = None
        return remembered[key]

    apart: list[tuple[float, tuple[Change, Change]]] = []
    for of_a, of_b in changes:
        mine, theirs = changed(a, of_a), changed(b, of_b)
        if mine is not None and theirs is not None:
            distance = float(np.median(distances(*_fitted(mine, theirs))))
            apart.append((distance, (of_a, of_b)))
    if not apart:
        return None, 1.0
    apart.sort(key=lambda one: one[0])
    nearest, best = apart[0]
    others = (distance for distance, change in apart if _read(change) != _read(best))
    second = next(others, math.inf)
    return best, nearest / second if second else 1.0


def _read(changes: tuple[Change, Change]) -> tuple[object, ...]:
    """What most tokenisers make of them: blanks at the end of a prompt are none."""
    return tuple((change.prompt.strip(), change.pooling) for change in changes)


def _compared(
    a: Side, b: Side, of_a: Change, of_b: Change, texts: Sequence[str]
) -> tuple[Vectors, Vectors]:
    return _fitted(of_a.apply(a, texts), of_b.apply(b, texts))


def _fitted(a: Vectors, b: Vectors) -> tuple[Vectors, Vectors]:
    """Both in as many dimensions as the smaller has."""
    dimensions = min(a.shape[1], b.shape[1])
    return cut(a, dimensions), cut(b, dimensions)


def compared(a: Side, b: Side, found: Explanation, texts: Sequence[str]) -> Vectors:
    """How far apart texts are with what explains the plain ones, (N,); raises RefusalError."""
    return distances(*_compared(a, b, found.a, found.b, texts))


def _likeness(a: Vectors, b: Vectors) -> float:
    """How much nearer same texts are than others, in standard errors.

    The sum over a diagonal, among those over all ways to pair rows: its mean is 0 and its variance
    the sum of squares by n - 1, once rows and columns are centred (Hoeffding 1951, Annals of
    Mathematical Statistics 22, 558-566).
    """
    similar = a @ b.T
    similar = similar - similar.mean(axis=0) - similar.mean(axis=1, keepdims=True) + similar.mean()
    spread = math.sqrt(float((similar**2).sum()) / (len(similar) - 1))
    return float(np.trace(similar)) / spread if spread else 0.0


def _shared(a: Vectors, b: Vectors) -> float:
    """The share of the differences that all texts have in common: 1/N of noise."""
    differences = b - a
    size = float((differences**2).sum(axis=1).mean())
    return float((differences.mean(axis=0) ** 2).sum()) / size if size else 0.0

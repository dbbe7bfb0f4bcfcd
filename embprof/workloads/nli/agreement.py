"""Whether predictions are those of a reference, pair by pair.

The reference is what the same weights say in float32, one pair at a time: no padding, no neighbours
in the batch, no rounding that could be spared. Logits of a faster way differ from it by rounding,
and a label changes where that is more than the *margin*: the reference's highest logit less its
second. So pairs whose margin is no larger than the largest difference seen are near ties: rounding
of this size may turn them. What changes among them says how close the model's answers lie, and not
only how good the way is.

With random weights nearly all logits coincide, so that nearly every pair may be one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embprof.corpora.labels import LABELS
from embprof.corpora.pairs import Pair
from embprof.model import Samples

AGREEMENT, ACCURACY, DIFFERENCE = "agreement", "accuracy", "max_logit_difference"
NEAR_TIES, CUT, UNCUT = "near_ties", "pairs_cut", "uncut_agreement"
REFERENCE = "reference_accuracy"
LABEL, MARGIN, LACKS = "reference_label", "reference_margin", "accuracy_lacks"
READ = (AGREEMENT, ACCURACY, NEAR_TIES, CUT, UNCUT, REFERENCE, LABEL, MARGIN, LACKS)
"""Readings that only appear in figures made of several of them."""
BANDS = 4
"""Parts of equally many pairs, by margin."""
LISTED, EXCERPT = 20, 300
"""Changed pairs in the list of them, and how many characters of each text."""
UNKNOWN = -1
"""The number of a label that has none of the three names."""


class Lacks(IntEnum):
    """What an accuracy would need that is not there."""

    NOTHING = 0
    WEIGHTS = 1
    """Random ones know nothing."""
    NAMES = 2
    """The names of the model's labels, without which a logit says nothing of the truth."""
    LABELS = 3
    """The labels of the pairs."""
    WHOLE_EVIDENCE = 4
    """A label is that of evidence that was neither cut nor made longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """What was predicted of some pairs: logits are (N, 3) float32, in the order of ``labels``.

    ``cut``: whether each pair is longer than the limit. ``uncut``: the reference without a limit,
    None where there is none or weights are random.
    """

    pairs: Sequence[Pair]
    labels: Sequence[str]
    own: NDArray[np.float32]
    reference: NDArray[np.float32]
    cut: NDArray[np.bool_]
    uncut: NDArray[np.float32] | None
    lacks: Lacks

    @property
    def same(self) -> NDArray[np.bool_]:
        """Whether each label is that of the reference."""
        same: NDArray[np.bool_] = label_places(self.own) == label_places(self.reference)
        return same

    @property
    def differences(self) -> NDArray[np.float32]:
        """The largest difference of a pair's logits from the reference's, (N,)."""
        largest: NDArray[np.float32] = np.abs(self.own - self.reference).max(axis=1)
        return largest

    @property
    def margins(self) -> NDArray[np.float32]:
        """The reference's highest logit less its second, (N,)."""
        ordered = np.sort(self.reference, axis=1)
        margins: NDArray[np.float32] = ordered[:, -1] - ordered[:, -2]
        return margins

    @property
    def near_ties(self) -> NDArray[np.bool_]:
        """Whether each margin is no larger than the largest difference of all."""
        largest = self.differences.max()
        near: NDArray[np.bool_] = (self.margins <= largest) & (largest > 0)
        return near


def label_places(logits: NDArray[np.float32]) -> NDArray[np.intp]:
    """The place of the highest logit of each pair, (N,)."""
    places: NDArray[np.intp] = logits.argmax(axis=1)
    return places


def samples(found: Predictions) -> list[Samples]:
    """One reading per pair, the most important quantity first; shares are 0 or 100."""
    readings = [
        _percent(AGREEMENT, found.same),
        _percent(ACCURACY, _correct(found, found.own)),
        Samples(
            name=DIFFERENCE,
            unit="1",
            better="lower",
            values=tuple(map(float, found.differences)),
            summary="largest",
        ),
        _percent(NEAR_TIES, found.near_ties, better="lower"),
        _percent(CUT, found.cut, better="lower"),
    ]
    if found.uncut is not None:
        kept = label_places(found.uncut) == label_places(found.reference)
        readings.append(_percent(UNCUT, kept))
    if found.lacks == Lacks.NOTHING:
        readings.append(_percent(REFERENCE, _correct(found, found.reference)))
    names = [found.labels[place] for place in label_places(found.reference)]
    numbers = [LABELS.index(name) if name in LABELS else UNKNOWN for name in names]
    return [
        *readings,
        _plain(LABEL, numbers),
        _plain(MARGIN, found.margins),
        _plain(LACKS, [found.lacks]),
    ]


def document(found: Predictions) -> dict[str, Any]:
    """Agreement by label and by margin, and the pairs of which the label changed."""
    same = found.same
    return {
        "schema_version": 1,
        "pairs": len(found.pairs),
        "agreed": int(same.sum()),
        "largest_logit_difference": float(found.differences.max()),
        "near_ties": int(found.near_ties.sum()),
        "changed_near_ties": int((found.near_ties & ~same).sum()),
        "by_label": list(_by_label(found)),
        "by_margin": list(_by_margin(found)),
        "changed": [_changed_pair(found, at) for at in np.flatnonzero(~same)[:LISTED]],
    }


def _correct(found: Predictions, logits: NDArray[np.float32]) -> list[bool]:
    """Whether each labelled pair is right; none where an accuracy would mean nothing."""
    if found.lacks != Lacks.NOTHING:
        return []
    predicted = [found.labels[place] for place in label_places(logits)]
    return [
        name == pair.label
        for name, pair in zip(predicted, found.pairs, strict=True)
        if pair.label is not None
    ]


def _by_label(found: Predictions) -> Iterator[Mapping[str, Any]]:
    of = label_places(found.reference)
    for place, name in enumerate(found.labels):
        mine = found.same[of == place]
        yield {"label": name, "pairs": len(mine), "agreed": int(mine.sum())}


def _by_margin(found: Predictions) -> Iterator[Mapping[str, Any]]:
    """Least certain pairs first."""
    order = np.argsort(found.margins, kind="stable")
    for band in np.array_split(order, BANDS):
        if band.size:
            margins, mine = found.margins[band], found.same[band]
            yield {
                "margin_from": float(margins.min()),
                "margin_to": float(margins.max()),
                "pairs": int(band.size),
                "agreed": int(mine.sum()),
            }


def _changed_pair(found: Predictions, at: int) -> dict[str, Any]:
    pair = found.pairs[at]
    return {
        "claim": pair.claim[:EXCERPT],
        "evidence": pair.evidence[:EXCERPT],
        "label": pair.label,
        "reference": found.labels[int(label_places(found.reference)[at])],
        "predicted": found.labels[int(label_places(found.own)[at])],
        "margin": float(found.margins[at]),
        "logit_difference": float(found.differences[at]),
    }


def _percent(
    name: str,
    hits: Sequence[bool] | NDArray[np.bool_],
    better: Literal["lower", "higher"] = "higher",
) -> Samples:
    values = tuple(100.0 * bool(hit) for hit in hits)
    return Samples(name=name, unit="%", better=better, values=values)


def _plain(name: str, values: Sequence[float] | NDArray[np.float32]) -> Samples:
    return Samples(name=name, unit="1", better="higher", values=tuple(map(float, values)))

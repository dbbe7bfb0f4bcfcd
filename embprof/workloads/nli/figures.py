"""Whether a way of predicting changes what is predicted: figures with intervals by pairs.

Every restart is asked about the same pairs, so the first one's are all the evidence there is. The
word ``predictions`` weighs the share that agrees against what may be lost:

- ``unchanged``: the interval rules out that more than 1 % is lost;
- ``changed``: it rules out that so little is lost;
- ``too_few_to_tell``: neither; it takes 381 pairs that all agree to rule out 1 %;
- ``ties``: labels changed, and with random weights, whose logits nearly coincide. What trained
  weights would do cannot be told from that. That nothing changed, in spite of it, can.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from embprof.corpora.labels import LABELS
from embprof.interface.conclusion import Conclusion
from embprof.interface.figure import Better, figure
from embprof.model import Figure, Slice
from embprof.statistics import independent
from embprof.units import metric_name
from embprof.workloads.nli import agreement
from embprof.workloads.nli.agreement import (
    ACCURACY,
    AGREEMENT,
    CUT,
    LABEL,
    LACKS,
    NEAR_TIES,
    REFERENCE,
    UNCUT,
    Lacks,
)

QUANTITY, READ = AGREEMENT, agreement.READ
OUTCOME = "predictions"
UNCHANGED, CHANGED, TOO_FEW, TIES = "unchanged", "changed", "too_few_to_tell", "ties"
MAY_BE_LOST = 1.0
"""Percent of predictions. Source: what the NLI service that this was first made for may lose."""
NOTES: Mapping[Lacks, str] = {
    Lacks.WEIGHTS: "n/a (random weights)",
    Lacks.NAMES: "n/a (the model does not name its labels)",
    Lacks.LABELS: "n/a (no labels)",
    Lacks.WHOLE_EVIDENCE: "n/a (evidence_length: labels are of whole evidence)",
}


def conclude(measured: Sequence[Slice]) -> Conclusion:
    """Agreement in all and by label, accuracy, near ties, pairs cut; the word."""
    one = next(piece for piece in measured if piece.values(AGREEMENT))
    agreed = _share(AGREEMENT, one.values(AGREEMENT))
    lacks = Lacks(int(one.values(LACKS)[0]))
    figures = [agreed, _accuracy(one, lacks)]
    if one.values(REFERENCE):
        figures.append(_share(REFERENCE, one.values(REFERENCE)))
    figures.append(_share(NEAR_TIES, one.values(NEAR_TIES), better="lower"))
    figures.append(_share(CUT, one.values(CUT), better="lower"))
    if one.values(UNCUT):
        figures.append(_share(UNCUT, one.values(UNCUT)))
    figures += _by_label(one)
    word = _word(agreed, has_random_weights=lacks == Lacks.WEIGHTS)
    return Conclusion(figures=tuple(figures), outcomes={OUTCOME: word})


def _word(agreed: Figure, *, has_random_weights: bool) -> str:
    estimate = agreed.estimate
    assert estimate is not None
    assert estimate.low is not None
    assert estimate.high is not None
    if has_random_weights and estimate.value < 100:  # noqa: PLR2004  (percent)
        return TIES
    least = 100 - MAY_BE_LOST
    if estimate.low >= least:
        return UNCHANGED
    return CHANGED if estimate.high < least else TOO_FEW


def _by_label(one: Slice) -> Iterator[Figure]:
    """Agreement among the pairs to which the reference gives each label."""
    both = list(zip(one.values(LABEL), one.values(AGREEMENT), strict=True))
    for number, name in enumerate(LABELS):
        mine = [agrees for label, agrees in both if label == number]
        if mine:
            yield _share(f"{AGREEMENT}_{name}", mine)


def _accuracy(one: Slice, lacks: Lacks) -> Figure:
    if one.values(ACCURACY):
        return _share(ACCURACY, one.values(ACCURACY))
    return figure(metric_name(ACCURACY, "%"), "%", None, better="higher", note=NOTES[lacks])


def _share(name: str, percents: Sequence[float], better: Better = "higher") -> Figure:
    """Wilson's interval; ``percents``: 0 or 100 of each pair."""
    share = independent.share(sum(map(bool, percents)), len(percents), units="pairs")
    assert share.low is not None
    assert share.high is not None
    estimate = dataclasses.replace(
        share, value=100 * share.value, low=100 * share.low, high=100 * share.high
    )
    return figure(metric_name(name, "%"), "%", estimate, better=better)

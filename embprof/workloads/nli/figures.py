"""Whether a way of predicting changes what is predicted: figures with intervals by pairs.

Every restart is asked about the same pairs, so the first one's are all the evidence there is. The
word ``predictions`` weighs the share that agrees against what may be lost:

- ``unchanged``: the interval rules out that more than 1 % is lost;
- ``changed``: it rules out that so little is lost;
- ``too_few_to_tell``: neither; it takes 381 pairs that all agree to rule out 1 %;
- ``ties``: labels changed, and with random weights, whose logits nearly coincide. What trained
  weights would do cannot be told from that. That nothing changed, in spite of it, can.
"""

from collections.abc import Iterator, Mapping, Sequence

from embprof.corpora.labels import LABELS
from embprof.interface.conclusion import Conclusion
from embprof.interface.figure import Better, figure
from embprof.model import Figure, Slice
from embprof.statistics import independent
from embprof.units import metric_name
from embprof.workloads.nli import agreement
from embprof.workloads.nli.agreement import AGREEMENT, Lacks

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
FIGURES = frozenset(
    {
        *(f"{name}_percent" for name in (AGREEMENT, agreement.ACCURACY, agreement.REFERENCE)),
        *(f"{name}_percent" for name in (agreement.NEAR_TIES, agreement.CUT, agreement.UNCUT)),
        *(f"{AGREEMENT}_{name}_percent" for name in LABELS),
        agreement.DIFFERENCE,
    }
)
"""The names of all figures."""
SHARES: Mapping[str, Better] = {
    agreement.REFERENCE: "higher",
    agreement.NEAR_TIES: "lower",
    agreement.CUT: "lower",
    agreement.UNCUT: "higher",
}
"""Readings whose share is a figure where there are any, and which way is better."""


def conclude(measured: Sequence[Slice]) -> Conclusion:
    """Agreement in all and by label, accuracy, near ties, pairs cut; the word."""
    one = next(piece for piece in measured if piece.values(AGREEMENT))
    agreed = _share(AGREEMENT, one.values(AGREEMENT))
    lacks = Lacks(int(one.values(agreement.LACKS)[0]))
    shares = (_share(name, one.values(name), SHARES[name]) for name in SHARES if one.values(name))
    return Conclusion(
        figures=(agreed, _accuracy(one, lacks), *shares, *_by_label(one)),
        outcomes={OUTCOME: _word(agreed, has_random_weights=lacks == Lacks.WEIGHTS)},
    )


def _word(agreed: Figure, *, has_random_weights: bool) -> str:
    estimate = agreed.estimate
    assert estimate is not None
    assert estimate.bounds is not None
    low, high = estimate.bounds
    if has_random_weights and estimate.value < 100:  # noqa: PLR2004  (percent)
        return TIES
    least = 100 - MAY_BE_LOST
    if low >= least:
        return UNCHANGED
    return CHANGED if high < least else TOO_FEW


def _by_label(one: Slice) -> Iterator[Figure]:
    """Agreement among the pairs to which the reference gives each label."""
    both = list(zip(one.values(agreement.LABEL), one.values(AGREEMENT), strict=True))
    for number, name in enumerate(LABELS):
        mine = [agrees for label, agrees in both if label == number]
        if mine:
            yield _share(f"{AGREEMENT}_{name}", mine)


def _accuracy(one: Slice, lacks: Lacks) -> Figure:
    if one.values(agreement.ACCURACY):
        return _share(agreement.ACCURACY, one.values(agreement.ACCURACY))
    return figure(
        metric_name(agreement.ACCURACY, "%"), "%", None, better="higher", note=NOTES[lacks]
    )


def _share(name: str, percents: Sequence[float], better: Better = "higher") -> Figure:
    """Wilson's interval; ``percents``: 0 or 100 of each pair."""
    share = independent.share(sum(map(bool, percents)), len(percents), units="pairs")
    return figure(metric_name(name, "%"), "%", share.scaled(100), better=better)

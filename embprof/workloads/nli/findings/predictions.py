"""What a run says of its predictions, in words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from embprof.interface.account import Quality
from embprof.model import Estimate, Run
from embprof.report import phrases
from embprof.report.study import Answer
from embprof.units import counted, number, percent

AGREEMENT, ACCURACY = "agreement_percent", "accuracy_percent"
REFERENCE_ACCURACY = "reference_accuracy_percent"
DOCUMENT = "agreement.json"
REFERENCE = "the same weights in float32, one pair at a time"
TRAINED = "minilm_l6_mnli"
"""Weights of the default's shape that mean something."""


def share(one: Estimate) -> str:
    """``99.3 % (97.9 to 99.8 %)``; all that agree are ``100 %``, and no others."""
    value = f"{one.value:g}" if one.value in (0, 100) else f"{one.value:.1f}"
    if one.bounds is None:
        return f"{value} %"
    return f"{value} % ({one.bounds[0]:.1f} to {one.bounds[1]:.1f} %)"


def quality(run: Run) -> Quality | None:
    """Both as parts of a sentence; None where predictions were not compared."""
    compared = run.estimate(AGREEMENT)
    if compared is None:
        return None
    return Quality(agreement=_agreement(compared), accuracy=accuracy(run))


def accuracy(run: Run) -> str | None:
    """``accuracy 88.1 %, of the reference 88.3 %``; None where there is none."""
    mine, reference = run.estimate(ACCURACY), run.value(REFERENCE_ACCURACY)
    if mine is None:
        return None
    compared = "" if reference is None else f", of the reference {reference:.1f} %"
    return f"accuracy {share(mine)}{compared}"


def evidence(answer: Answer) -> Iterator[str]:
    """Agreement, how far logits lie from the reference's, near ties, by label, by margin."""
    compared = answer.estimate(AGREEMENT)
    if compared is None:
        return
    setting = f"{answer.label} (batch {answer.run.config['batch_size']}, {dtype(answer)})"
    largest, ties = answer.value("max_logit_difference"), answer.value("near_ties_percent")
    facts = [_agreement(compared)]
    if largest is not None:
        facts.append(f"logits differ by {number(largest)} at most")
    if ties is not None:
        facts.append(f"{percent(ties / 100)} of the pairs have a margin no larger than that")
    yield f"{setting}: {'; '.join(facts)}"
    document = answer.document(DOCUMENT)
    if isinstance(document, dict) and document["agreed"] < document["pairs"]:
        for line in _changes(document):
            yield f"{answer.label} changed: {line}"


def dtype(answer: Answer) -> str:
    """The type of its weights."""
    return str(answer.run.config["backend"]["dtype"])


def _agreement(one: Estimate) -> str:
    """``99.3 % (97.9 to 99.8 %) of 420 predictions are those of the reference``."""
    return f"{share(one)} of {one.n:,} predictions are those of the reference"


def _changes(document: Mapping[str, Any]) -> Iterator[str]:
    """How many predictions changed, and where these lie."""
    yield (
        f"{counted(document['pairs'] - document['agreed'], 'pair')}, "
        f"{document['changed_near_ties']} with a margin no larger than the largest difference of "
        "logits"
    )
    yield _shares(document["by_label"], lambda row: f"of {row['label']}")
    yield _shares(
        document["by_margin"],
        lambda row: f"at margins of {number(row['margin_from'])} to {number(row['margin_to'])}",
    )


def _shares(rows: Sequence[Mapping[str, Any]], place: Callable[[Mapping[str, Any]], str]) -> str:
    return phrases.join(
        [
            f"{row['pairs'] - row['agreed']} of {counted(row['pairs'], 'pair')} {place(row)}"
            for row in rows
            if row["pairs"]
        ]
    )

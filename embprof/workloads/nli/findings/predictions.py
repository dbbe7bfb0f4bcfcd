"""What a run says of its predictions, in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from embprof.interface.account import Quality
from embprof.model import Estimate, Run
from embprof.report import phrases
from embprof.report.study import Answer
from embprof.units import counted, number, percent
from embprof.workloads.nli.figures import OUTCOME

AGREEMENT, ACCURACY = "agreement_percent", "accuracy_percent"
REFERENCE_ACCURACY = "reference_accuracy_percent"
DOCUMENT = "agreement.json"
REFERENCE = "the same weights in float32, one pair at a time"


def estimate(answer: Answer, name: str = AGREEMENT) -> Estimate | None:
    """A figure of its predictions; None where it was not read."""
    return _estimate(answer.run, name)


def _estimate(run: Run, name: str) -> Estimate | None:
    figure = run.figure(name)
    return None if figure is None else figure.estimate


def word(answer: Answer) -> str | None:
    """Whether they are those of the reference; None where that was not asked."""
    return answer.run.outcomes.get(OUTCOME)


def share(one: Estimate) -> str:
    """``99.3 % (97.9 to 99.8 %)``; all that agree are ``100 %``, and no others."""
    value = f"{one.value:.1f}".removesuffix(".0") if one.value in (0, 100) else f"{one.value:.1f}"
    if one.low is None or one.high is None:
        return f"{value} %"
    return f"{value} % ({one.low:.1f} to {one.high:.1f} %)"


def quality(run: Run) -> Quality | None:
    """Both as parts of a sentence; None where predictions were not compared."""
    compared = _estimate(run, AGREEMENT)
    if compared is None:
        return None
    return Quality(agreement=_agreement(compared), accuracy=accuracy(run))


def _agreement(one: Estimate) -> str:
    """``99.3 % (97.9 to 99.8 %) of 420 predictions are those of the reference``."""
    return f"{share(one)} of {one.n:,} predictions are those of the reference"


def evidence(answer: Answer) -> Iterator[str]:
    """Agreement, how far logits lie from the reference's, near ties, by label, by margin."""
    compared = estimate(answer)
    if compared is None:
        return
    setting = f"{answer.label} (batch {answer.run.config['batch_size']}, {_dtype(answer)})"
    largest, ties = answer.value("max_logit_difference"), answer.value("near_ties_percent")
    said = [_agreement(compared)]
    if largest is not None:
        said.append(f"logits differ by {number(largest)} at most")
    if ties is not None:
        said.append(f"{percent(ties / 100)} of the pairs have a margin no larger than that")
    yield f"{setting}: {'; '.join(said)}"
    document = answer.document(DOCUMENT)
    if isinstance(document, dict) and document["agreed"] < document["pairs"]:
        yield from _change_evidence(answer, document)


def accuracy(run: Run) -> str | None:
    """``accuracy 88.1 %, of the reference 88.3 %``; None where there is none."""
    mine, reference = _estimate(run, ACCURACY), _estimate(run, REFERENCE_ACCURACY)
    if mine is None:
        return None
    beside = "" if reference is None else f", of the reference {reference.value:.1f} %"
    return f"accuracy {share(mine)}{beside}"


def _change_evidence(answer: Answer, document: Mapping[str, Any]) -> Iterator[str]:
    """Where those that changed lie."""
    count = document["pairs"] - document["agreed"]
    ties = document["changed_near_ties"]
    yield (
        f"{answer.label} changed: {counted(count, 'pair')}, {ties} with a margin no larger than "
        "the largest difference of logits"
    )
    by_label = _shares(document["by_label"], lambda row: f"of {row['label']}")
    yield f"{answer.label} changed: {phrases.join(by_label)}"
    by_margin = _shares(
        document["by_margin"],
        lambda row: f"at margins of {number(row['margin_from'])} to {number(row['margin_to'])}",
    )
    yield f"{answer.label} changed: {phrases.join(by_margin)}"


def _shares(rows: Sequence[Mapping[str, Any]], named: Any) -> list[str]:
    return [
        f"{row['pairs'] - row['agreed']} of {counted(row['pairs'], 'pair')} {named(row)}"
        for row in rows
        if row["pairs"]
    ]


def _dtype(answer: Answer) -> str:
    return str(answer.run.config["backend"]["dtype"])

"""Whether predictions stay what they are, whatever the batch size and the type of the weights.

A faster way to judge pairs is none if it gives other answers. Each run was compared with the same
weights at their most exact (:mod:`embprof.workloads.nli.agreement`); this says what came of it.
"""

from collections.abc import Callable, Iterator, Sequence

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.report import phrases
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import advice, fact, gap
from embprof.report.study import Answer, Study
from embprof.units import number
from embprof.workloads.nli.figures import CHANGED, MAY_BE_LOST, OUTCOME, TIES, TOO_FEW, UNCHANGED
from embprof.workloads.nli.findings import predictions
from embprof.workloads.nli.findings.predictions import AGREEMENT, dtype

EXACT = "float32"
ENOUGH = 420
"""Pairs that come with embprof; were all of them to agree, that would be enough."""
LOST = f"{MAY_BE_LOST:g} %"


def find(study: Study) -> Iterator[Finding]:
    """One finding for each of the words that the runs have, for each type of weights."""
    compared = [one for one in study.answers if OUTCOME in one.run.outcomes]
    timed = [one for one in compared if one.measurement == "throughput"] or compared
    for word, finding in BY_WORD.items():
        by_type: dict[str, list[Answer]] = {}
        for one in timed:
            if one.run.outcomes[OUTCOME] == word:
                by_type.setdefault(dtype(one), []).append(one)
        for answers in by_type.values():
            yield finding(sorted(answers, key=_share))


def _changed(answers: Sequence[Answer]) -> Finding:
    worst = answers[0]
    lost, kind = 100 - _share(worst), dtype(worst)
    is_exact = kind == EXACT
    cause = f"Batches of {_size(worst)} change"
    remedy = (
        "Judge pairs one at a time, and look for what in the model depends on padding or on other "
        "pairs of a batch."
    )
    if not is_exact:
        cause = f"{kind} (batch {_size(worst)}) changes"
        remedy = (
            f"Stay with {EXACT}, unless {kind} is as accurate on labelled pairs of your own "
            "(workload.corpus.path=FILE)."
        )
    return advice(
        f"{cause} {number(lost)} %{_lost(worst)} of predictions, more than the {LOST} that may be "
        "lost",
        _evidence(answers),
        answers,
        advice=remedy,
        effort=Effort.QUICK,
        priority=Level.HIGH,
        risk="Pairs whose best labels lie close to each other change first: see their margins.",
        cost=predictions.accuracy(worst.run),
        check=command(worst, _check_values(worst)),
    )


def _lost(answer: Answer) -> str:
    """The interval of what is lost."""
    agree = answer.estimate(AGREEMENT)
    if agree is None or (bounds := agree.bounds) is None:
        return ""
    return f" ({100 - bounds[1]:.1f} to {100 - bounds[0]:.1f} %)"


def _unchanged(answers: Sequence[Answer]) -> Finding:
    least = answers[0].estimate(AGREEMENT)
    assert least is not None
    assert least.low is not None
    sizes = phrases.join(sorted({_size(one) for one in answers}))
    return fact(
        f"Predictions are unchanged at batches of {sizes} in {dtype(answers[0])}: at most "
        f"{100 - least.low:.1f} % are lost",
        _evidence(answers),
        answers,
        priority=Level.MEDIUM,
    )


def _too_few(answers: Sequence[Answer]) -> Finding:
    worst = answers[0]
    found = worst.estimate(AGREEMENT)
    assert found is not None
    more = max(ENOUGH, 4 * found.n)
    needs_own = more > ENOUGH and worst.run.config["workload"]["corpus"]["path"] is None
    return gap(
        f"Whether {dtype(worst)} loses more than {LOST} of predictions cannot be told from "
        f"{found.n:,} pairs: {predictions.share(found)} agree",
        _evidence(answers),
        answers,
        advice=f"Compare more pairs; beyond the {ENOUGH} that come with embprof, your own: "
        "workload.corpus.path=FILE."
        if needs_own
        else None,
        priority=Level.MEDIUM,
        check=command(worst, {"workload.agreement_pairs": more}),
    )


def _ties(answers: Sequence[Answer]) -> Finding:
    worst = answers[0]
    return gap(
        f"What {dtype(worst)} does to predictions cannot be told with random weights: "
        f"{number(100 - _share(worst))} % change, and nearly all logits coincide",
        _evidence(answers),
        answers,
        priority=Level.MEDIUM,
        check=command(worst, {"cross_encoder": predictions.TRAINED, **_check_values(worst)}),
    )


BY_WORD: dict[str, Callable[[Sequence[Answer]], Finding]] = {
    CHANGED: _changed,
    TIES: _ties,
    TOO_FEW: _too_few,
    UNCHANGED: _unchanged,
}


def _check_values(answer: Answer) -> dict[str, object]:
    """The way as it is beside the exact one."""
    if dtype(answer) == EXACT:
        return {"batch_size": list(dict.fromkeys((1, _size(answer)))), "restarts": RESTARTS}
    return {"backend.dtype": [EXACT, dtype(answer)], "restarts": RESTARTS}


def _evidence(answers: Sequence[Answer]) -> Iterator[str]:
    yield f"reference: {predictions.REFERENCE}"
    for one in answers[: phrases.NAMED]:
        yield from predictions.evidence(one)
        accuracy = predictions.accuracy(one.run)
        if accuracy is not None:
            yield f"{one.label}: {accuracy}"


def _share(answer: Answer) -> float:
    """Percent of its predictions that are those of the reference."""
    return answer.value(AGREEMENT) or 0.0


def _size(answer: Answer) -> int:
    return int(answer.run.config["batch_size"])


RULE = Rule(name="agreement", find=find)

"""Whether predictions stay what they are, whatever the batch size and the type of the weights.

A faster way to judge pairs is none if it gives other answers. Each run was compared with the same
weights at their most exact (:mod:`embprof.workloads.nli.agreement`); this says what came of it.
"""

from collections.abc import Callable, Iterator, Sequence

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Kind, Level
from embprof.report import phrases
from embprof.report.check_command import RESTARTS, command
from embprof.report.study import Answer, Study
from embprof.units import number
from embprof.workloads.nli.figures import CHANGED, MAY_BE_LOST, TIES, TOO_FEW, UNCHANGED
from embprof.workloads.nli.findings import predictions

NAME = "agreement"
EXACT = "float32"
ENOUGH = 420
"""Pairs that come with embprof; were all of them to agree, that would be enough."""
TRAINED = "minilm_l6_mnli"
"""Weights of the default's shape that mean something."""
LOST = f"{MAY_BE_LOST:g} %"


def find(study: Study) -> Iterator[Finding]:
    """One finding for each of the words that the runs have, for each type of weights."""
    compared = [one for one in study.answers if predictions.word(one) is not None]
    timed = [one for one in compared if one.measurement == "throughput"] or compared
    for word, finding in SAID.items():
        by_type: dict[str, list[Answer]] = {}
        for one in timed:
            if predictions.word(one) == word:
                by_type.setdefault(_dtype(one), []).append(one)
        for answers in by_type.values():
            yield finding(sorted(answers, key=_value))


def _changed_finding(answers: Sequence[Answer]) -> Finding:
    worst = answers[0]
    lost, dtype = 100 - _value(worst), _dtype(worst)
    is_exact = dtype == EXACT
    cause = f"Batches of {_size(worst)}" if is_exact else f"{dtype} (batch {_size(worst)})"
    verb = "change" if is_exact else "changes"
    accuracy = predictions.accuracy(worst.run)
    return Finding(
        rule=NAME,
        kind=Kind.ADVICE,
        title=f"{cause} {verb} {number(lost)} % of predictions, more than the {LOST} that may be "
        "lost",
        evidence=tuple(_evidence(answers)),
        runs=_runs(answers),
        advice="Judge pairs one at a time, and look for what in the model depends on padding or on "
        "other pairs of a batch."
        if is_exact
        else f"Stay with {EXACT}, unless {dtype} is as accurate on labelled pairs of your own "
        "(workload.corpus.path=FILE).",
        effort=Effort.QUICK,
        priority=Level.HIGH,
        risk="Pairs whose best labels lie close to each other change first: see their margins.",
        cost=accuracy,
        check=command(worst, _check_values(worst)),
    )


def _unchanged_finding(answers: Sequence[Answer]) -> Finding:
    least = predictions.estimate(answers[0])
    assert least is not None
    assert least.low is not None
    sizes = phrases.join(sorted({_size(one) for one in answers}))
    return Finding(
        rule=NAME,
        kind=Kind.FACT,
        title=f"Predictions are unchanged at batches of {sizes} in {_dtype(answers[0])}: at most "
        f"{100 - least.low:.1f} % are lost",
        evidence=tuple(_evidence(answers)),
        runs=_runs(answers),
        priority=Level.MEDIUM,
    )


def _too_few_finding(answers: Sequence[Answer]) -> Finding:
    worst = answers[0]
    found = predictions.estimate(worst)
    assert found is not None
    more = max(ENOUGH, 4 * found.n)
    needs_own = more > ENOUGH and worst.run.config["workload"]["corpus"]["path"] is None
    return Finding(
        rule=NAME,
        kind=Kind.GAP,
        title=f"Whether {_dtype(worst)} loses more than {LOST} of predictions cannot be told from "
        f"{found.n:,} pairs: {predictions.share(found)} agree",
        evidence=tuple(_evidence(answers)),
        runs=_runs(answers),
        advice=f"Compare more pairs; beyond the {ENOUGH} that come with embprof, your own: "
        "workload.corpus.path=FILE."
        if needs_own
        else None,
        priority=Level.MEDIUM,
        check=command(worst, {"workload.agreement_pairs": more}),
    )


def _ties_finding(answers: Sequence[Answer]) -> Finding:
    worst = answers[0]
    return Finding(
        rule=NAME,
        kind=Kind.GAP,
        title=f"What {_dtype(worst)} does to predictions cannot be told with random weights: "
        f"{number(100 - _value(worst))} % change, and nearly all logits coincide",
        evidence=tuple(_evidence(answers)),
        runs=_runs(answers),
        priority=Level.MEDIUM,
        check=command(worst, {"cross_encoder": TRAINED, **_check_values(worst)}),
    )


SAID: dict[str, Callable[[Sequence[Answer]], Finding]] = {
    CHANGED: _changed_finding,
    TIES: _ties_finding,
    TOO_FEW: _too_few_finding,
    UNCHANGED: _unchanged_finding,
}


def _check_values(answer: Answer) -> dict[str, object]:
    """The way as it is beside the exact one."""
    if _dtype(answer) == EXACT:
        return {"batch_size": list(dict.fromkeys((1, _size(answer)))), "restarts": RESTARTS}
    return {"backend.dtype": [EXACT, _dtype(answer)], "restarts": RESTARTS}


def _evidence(answers: Sequence[Answer]) -> Iterator[str]:
    yield f"reference: {predictions.REFERENCE}"
    for one in answers[: phrases.NAMED]:
        yield from predictions.evidence(one)
        accuracy = predictions.accuracy(one.run)
        if accuracy is not None:
            yield f"{one.label}: {accuracy}"


def _value(answer: Answer) -> float:
    found = predictions.estimate(answer)
    return 0.0 if found is None else found.value


def _dtype(answer: Answer) -> str:
    return str(answer.run.config["backend"]["dtype"])


def _size(answer: Answer) -> int:
    return int(answer.run.config["batch_size"])


def _runs(answers: Sequence[Answer]) -> tuple[str, ...]:
    return tuple(one.run.run_id for one in answers)


RULE = Rule(name=NAME, find=find)

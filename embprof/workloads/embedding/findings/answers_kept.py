"""Whether a backend or a type gives other answers than the model itself.

Rows that keep too few neighbours are as fast as they are, and an alternative to nothing: they have
no rank. What the others lose is told with them.
"""

from collections.abc import Iterator, Sequence

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.report import phrases
from embprof.report.check_command import command
from embprof.report.rule_findings import advice, fact
from embprof.report.study import Answer, Study
from embprof.report.targets import not_kept
from embprof.units import number
from embprof.workloads.embedding.findings.evidence import CHECKED_WITH, NEAREST, TOP, evidence


def find(study: Study) -> Iterator[Finding]:
    """A finding for what loses too much and one for what does not, each backend once."""
    compared = [
        one
        for one in study.answers
        if one.run.figure(TOP) is not None and one.run.config.get("truncate_dim") is None
    ]
    lost = _by_backend(one for one in compared if not_kept(one.run))
    kept = _by_backend(one for one in compared if not not_kept(one.run))
    for name, answers in lost.items():
        yield _too_much(name, answers)
    if kept:
        yield _little(kept)


def _too_much(name: str, answers: Sequence[Answer]) -> Finding:
    worst = answers[0]
    return advice(
        f"{name} gives other answers: {_kept(worst)}",
        [phrases.join([target.sentence for target in not_kept(worst.run)]), evidence(worst)],
        answers,
        advice="Take another backend or type. If the loss is bearable for your texts, which "
        "labelled queries of your own tell (parity.labelled), lower the limit that is missed "
        "(parity.min_top10_kept).",
        effort=Effort.QUICK,
        priority=Level.HIGH,
        risk="Whoever searches finds other passages, and vectors that are stored already do not "
        "fit those of this backend.",
        check=command(worst, CHECKED_WITH),
    )


def _little(kept: dict[str, list[Answer]]) -> Finding:
    parts = [f"{name}: {_kept(answers[0])}" for name, answers in kept.items()]
    return fact(
        f"Answers beside those of torch in float32: {'; '.join(parts)}",
        [evidence(answers[0]) for answers in kept.values()],
        [one for answers in kept.values() for one in answers],
    )


def _by_backend(answers: Iterator[Answer]) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = {}
    for one in answers:
        backend = one.run.config["backend"]
        found.setdefault(f"{backend['name']} {backend['dtype']}", []).append(one)
    return {
        name: sorted(rows, key=lambda one: one.value(TOP) or 0.0) for name, rows in found.items()
    }


def _kept(answer: Answer) -> str:
    """``93.3 % of texts keep their nearest neighbour, 92.5 % of the ten nearest are kept``."""
    nearest, top = answer.value(NEAREST), answer.value(TOP)
    assert nearest is not None
    assert top is not None
    return (
        f"{number(nearest)} % of texts keep their nearest neighbour, "
        f"{number(top)} % of the ten nearest are kept"
    )


RULE = Rule(name="answers_kept", find=find)

"""Findings as rules make them: the kind, a title, the evidence, and the runs that it is from.

A rule need not say its own name, which :mod:`embprof.report.findings` adds.
"""

from collections.abc import Iterable
from typing import TypedDict, Unpack

from embprof.interface.finding import Effort, Finding, Improvement, Kind, Level
from embprof.report.change import Change, priority_of
from embprof.report.study import Answer

Evidence = str | Iterable[str]
Runs = Answer | Iterable[Answer]


class Details(TypedDict, total=False):
    """What else a finding may say (:class:`embprof.interface.finding.Finding`)."""

    advice: str | None
    improvement: Improvement | None
    effort: Effort
    priority: Level
    risk: str | None
    cost: str | None
    check: str | None
    component: str
    axes: tuple[str, ...]
    time_share: float


def finding(
    kind: Kind, title: str, evidence: Evidence, answers: Runs, **details: Unpack[Details]
) -> Finding:
    """A finding of that kind; a line of evidence, or one run, may stand alone."""
    lines = (evidence,) if isinstance(evidence, str) else tuple(evidence)
    return Finding(kind=kind, title=title, evidence=lines, runs=runs_of(answers), **details)


def advice(title: str, evidence: Evidence, answers: Runs, **details: Unpack[Details]) -> Finding:
    """Something to change."""
    return finding(Kind.ADVICE, title, evidence, answers, **details)


def fact(title: str, evidence: Evidence, answers: Runs, **details: Unpack[Details]) -> Finding:
    """Something to know."""
    return finding(Kind.FACT, title, evidence, answers, **details)


def gap(title: str, evidence: Evidence, answers: Runs, **details: Unpack[Details]) -> Finding:
    """Something that these runs cannot tell."""
    return finding(Kind.GAP, title, evidence, answers, **details)


def undecided(
    found: Change, title: str, evidence: Evidence, answers: Runs, **details: Unpack[Details]
) -> Finding:
    """Two runs that are not told apart: a fact, or a gap where there is no interval to tell by."""
    kind = Kind.GAP if found.ratio.low is None else Kind.FACT
    return finding(kind, title, evidence, answers, **details)


def compared(
    found: Change,
    title: str,
    unclear: str,
    evidence: Evidence,
    answers: Runs,
    **details: Unpack[Details],
) -> Finding:
    """Advice where the second run is better beyond doubt; else ``unclear`` is the title."""
    if not found.is_better:
        check = details.get("check")
        axes = details.get("axes", ())
        return undecided(found, unclear, evidence, answers, check=check, axes=axes)
    known = Details(improvement=found.improvement, priority=priority_of(found.improvement))
    return advice(title, evidence, answers, **known | details)


def runs_of(answers: Runs) -> tuple[str, ...]:
    """Their ids, each once."""
    every = (answers,) if isinstance(answers, Answer) else answers
    return tuple(dict.fromkeys(answer.run.run_id for answer in every))

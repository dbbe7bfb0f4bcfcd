"""Answers to one question that do not agree: of two sweeps, or of the order they give."""

from collections.abc import Iterator
from itertools import pairwise

from embprof.interface.finding import Finding, Kind, Level
from embprof.report import phrases
from embprof.report.change import change, rate_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.ranking import Ranking, rank
from embprof.report.rule_findings import finding
from embprof.report.study import Answer, Study
from embprof.units import number


def find(study: Study) -> Iterator[Finding]:
    """The best batch size of sweeps apart, and figures that differ by more than sessions do."""
    yield from _best(study)
    yield from _figures(study)


def _best(study: Study) -> Iterator[Finding]:
    by_question: dict[str, list[Ranking]] = {}
    for sweep in dict.fromkeys(answer.run.sweep_id for answer in study.answers):
        alone = tuple(answer for answer in study.answers if answer.run.sweep_id == sweep)
        for series in Study(name=sweep, answers=alone).series("batch_size"):
            ranking = rank(series)
            if ranking is not None and ranking.best not in ranking.unbounded:
                by_question.setdefault(series.question, []).append(ranking)
    for rankings in by_question.values():
        for first, second in pairwise(rankings):
            if _disagree(first, second) or _disagree(second, first):
                yield _two_sweeps(first, second)


def _disagree(one: Ranking, other: Ranking) -> bool:
    """Whether the other measured this one's best, and found it worse than its own best."""
    best = one.value(one.best)
    return (
        best in other.series.values
        and best != other.value(other.best)
        and best not in [other.value(at) for at in (*other.alike, *other.unbounded)]
    )


def _two_sweeps(first: Ranking, second: Ranking) -> Finding:
    sizes = [one.value(one.best) for one in (first, second)]
    sweeps = [one.answer(one.best).run.sweep_id for one in (first, second)]
    evidence = []
    for one, sweep in zip((first, second), sweeps, strict=True):
        alike = [one.value(at) for at in one.alike]
        apart = f"not told from {phrases.join(alike)}" if alike else "told from all others"
        how = "highest" if one.race is None else one.first
        evidence.append(f"{sweep}: {sizes[sweeps.index(sweep)]} is {how}, {apart}")
        evidence += [
            f"{sweep}: batch {value}: {phrases.rate(answer)}"
            for value, answer in zip(one.series.values, one.series.answers, strict=True)
        ]
    answers = (*first.series.answers, *second.series.answers)
    both = dict.fromkeys((*first.series.values, *second.series.values))
    changes = {"batch_size": sorted(both), "restarts": RESTARTS}
    return finding(
        Kind.CONTRADICTION,
        f"Two sweeps name another best batch size: {sizes[0]} and {sizes[1]}"
        f"{phrases.of(second.series)}",
        evidence,
        answers,
        priority=Level.MEDIUM,
        check=command(second.answer(second.best), changes),
    )


def _figures(study: Study) -> Iterator[Finding]:
    """A question answered more than once, with figures further apart than sessions lie."""
    by_question: dict[tuple[str, str], list[Answer]] = {}
    for answer in sorted(study.plain, key=lambda one: one.run.started):
        by_question.setdefault((answer.run.key, answer.run.environment), []).append(answer)
    for answers in by_question.values():
        for older, newer in pairwise(answers):
            found = change(older, newer, rate_of(newer))
            if found is None or not found.is_distinct or older.run.run_id == newer.run.run_id:
                continue
            both = [number(one.value(found.metric) or 0.0) for one in found.answers]
            rates = (f"{one.run.run_id}: {phrases.rate(one)}" for one in found.answers)
            yield finding(
                Kind.CONTRADICTION,
                f"One question has two answers: {both[0]} and {both[1]}, "
                f"{phrases.more(found.improvement)}: sessions differ by less",
                (*rates, *found.notes),
                found.answers,
                priority=Level.MEDIUM,
                check=command(newer, {"restarts": RESTARTS}),
            )

"""Which of several runs have all that is wanted of them."""

from collections.abc import Iterator, Sequence

from embprof.interface.finding import Finding, Level
from embprof.report import phrases
from embprof.report.rule_findings import fact
from embprof.report.standing import Standing, standings
from embprof.report.study import Answer, Study, labels
from embprof.report.targets import Target
from embprof.units import number

NAME = "targets_met"
WORDS: dict[Standing, str] = {
    "met": "met with",
    "missed": "missed with",
    "unclear": "cannot be told of",
}


def find(study: Study) -> Iterator[Finding]:
    """A finding for each measurement of which several runs were to meet the same."""
    for measurement in dict.fromkeys(answer.measurement for answer in study.answers):
        by_wanted: dict[tuple[str, ...], list[Answer]] = {}
        for answer in study.of(measurement):
            if judged := tuple(standings(answer)):
                wanted = tuple(_wanted(target) for target, _ in judged)
                by_wanted.setdefault(wanted, []).append(answer)
        for wanted, answers in by_wanted.items():
            if len(answers) > 1:
                yield _finding(wanted, answers)


def _finding(wanted: Sequence[str], answers: Sequence[Answer]) -> Finding:
    names: dict[Standing, list[str]] = {word: [] for word in WORDS}
    for answer, name in zip(answers, _names(answers), strict=True):
        names[_of_all(answer)].append(name)
    told = [f"{WORDS[word]} {_listed(found)}" for word, found in names.items() if found]
    if len(told) == 1:
        word = next(word for word, found in names.items() if found)
        told = [f"{WORDS[word]} all {len(answers)} runs"]
    return fact(
        f"{phrases.join(wanted)}: {', '.join(told)}",
        [
            f"{phrases.label(answer, name)}: {', '.join(_line(*one) for one in standings(answer))}"
            for answer, name in zip(answers, _names(answers), strict=True)
        ],
        answers,
        priority=Level.HIGH if names["missed"] else Level.MEDIUM,
    )


def _of_all(answer: Answer) -> Standing:
    """Missed if one is, met if all are."""
    words = {word for _, word in standings(answer)}
    return next((word for word in ("missed", "unclear") if word in words), "met")


def _names(answers: Sequence[Answer]) -> list[str]:
    """What tells each from the others; their numbers too where that does not."""
    names = labels(answers)
    if len(set(names)) == len(names):
        return names
    return [phrases.label(answer, name) for answer, name in zip(answers, names, strict=True)]


def _listed(names: Sequence[str]) -> str:
    """``batch 8, 16 and 32``: what all begin with is said once."""
    first = names[0].rpartition(" ")[0]
    if first and all(name.rpartition(" ")[0] == first for name in names):
        return f"{first} {phrases.join([name.rpartition(' ')[2] for name in names])}"
    return phrases.join(names)


def _wanted(target: Target) -> str:
    return f"{target.metric} {'≤' if target.is_most else '≥'} {number(target.wanted)}"


def _line(target: Target, word: Standing) -> str:
    figure = target.figure
    value = phrases.bounded(figure.estimate) if figure is not None else ""
    return f"{target.metric} {value}, {word}"

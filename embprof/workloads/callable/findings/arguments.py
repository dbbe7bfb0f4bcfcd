"""What the arguments of a function of the user's own change: which way is faster, what grows."""

import math
from collections.abc import Iterator

from embprof.config import override, subject
from embprof.config.question import ARGUMENTS, arguments
from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Kind
from embprof.report import phrases
from embprof.report.change import Change, items_of, priority_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.ranking import Ranking, rank
from embprof.report.study import Answer, Study
from embprof.units import number

NAME = "arguments"


def find(study: Study) -> Iterator[Finding]:
    """For each series along an argument: of a number how it scales, else what is fastest."""
    for axis in arguments(study.of("throughput")):
        for series in study.series(axis):
            ranking = rank(series)
            if ranking is None:
                continue
            if all(_is_number(value) for value in series.values):
                yield from _scaling(ranking)
            else:
                yield from _fastest(ranking)


def _scaling(ranking: Ranking) -> Iterator[Finding]:
    """From the smallest value to the largest; nothing where they cannot be told apart."""
    series, last = ranking.series, len(ranking.series.values) - 1
    found = ranking.change(0, last)
    if found is None or not found.is_distinct:
        return
    first, largest = _argument_text(ranking, 0), _argument_text(ranking, last)
    a, b = (number(one.value(found.metric) or 0.0) for one in (found.before, found.after))
    falls = "falls" if found.is_worse else "rises"
    evidence = [
        f"{phrases.label(answer, _argument_text(ranking, at))}: {phrases.rate(answer)}"
        for at, answer in enumerate(series.answers)
    ]
    yield Finding(
        rule=NAME,
        kind=Kind.FACT,
        title=f"From {first} to {largest} throughput {falls} from {a} to {b} "
        f"{items_of(found.after)}/s{_power(ranking, found)}{phrases.of(series)}",
        evidence=(*evidence, *found.notes),
        runs=tuple(answer.run.run_id for answer in series.answers),
    )


def _power(ranking: Ranking, found: Change) -> str:
    """How the time of an item grows: with the argument itself, or faster, or slower."""
    small, large = (float(str(value)) for value in (ranking.value(0), ranking.series.values[-1]))
    if small <= 0:
        return ""
    power = -math.log(found.ratio.value) / math.log(large / small)
    name = ranking.series.axis.removeprefix(ARGUMENTS)
    return f": the time of one grows as {name} to the power {power:.2f}" if power > 0 else ""


def _fastest(ranking: Ranking) -> Iterator[Finding]:
    """The fastest against each other value that it is told apart from."""
    series, best = ranking.series, ranking.best
    for at in range(len(series.values)):
        found = ranking.change(at, best) if at != best else None
        if found is None or not found.is_better:
            continue
        fast, slow = _argument_text(ranking, best), _argument_text(ranking, at)
        a, b = (number(one.value(found.metric) or 0.0) for one in (found.before, found.after))
        yield Finding(
            rule=NAME,
            kind=Kind.ADVICE,
            title=f"With {fast} it is {phrases.times(found.ratio.value)} as fast as with {slow}: "
            f"{b} "
            f"against {a} {items_of(found.after)}/s{phrases.of(series)}",
            evidence=(
                f"{phrases.label(found.before, slow)}: {phrases.rate(found.before)}",
                f"{phrases.label(found.after, fast)}: {phrases.rate(found.after)}",
                *found.notes,
            ),
            runs=found.runs,
            advice=f"Take {fast}, where its answers are as good.",
            improvement=found.improvement,
            effort=Effort.QUICK,
            priority=priority_of(found.improvement),
            risk="What the function answers is not in these figures.",
            check=_check(found.after, series.axis, ranking),
        )


def _check(base: Answer, axis: str, ranking: Ranking) -> str:
    """Both in several processes; an argument that was not there before is added with ``+``."""
    given = override.by_key(base.run.overrides).get(axis)
    added = given is not None and given.sign == "+"
    key = f"+{axis}" if added else axis
    return command(base, {key: list(ranking.series.values), "restarts": RESTARTS})


def _argument_text(ranking: Ranking, at: int) -> str:
    return f"{ranking.series.axis.removeprefix(ARGUMENTS)}={subject.typed(ranking.value(at))}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


RULE = Rule(name=NAME, find=find, headline=80)

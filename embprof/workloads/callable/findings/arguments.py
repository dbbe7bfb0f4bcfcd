"""What the arguments of a function of the user's own change: which way is faster, what grows."""

import math
from collections.abc import Iterator

from embprof.config import override, subject
from embprof.config.question import ARGUMENTS, arguments
from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding
from embprof.report import phrases
from embprof.report.change import Change, priority_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.ranking import Ranking, rank
from embprof.report.rule_findings import advice, fact
from embprof.report.study import Answer, Study


def find(study: Study) -> Iterator[Finding]:
    """For each series along an argument: of a number how it scales, else what is fastest."""
    for axis in arguments(study.of("throughput")):
        for series in study.series(axis):
            ranking = rank(series)
            if ranking is None:
                continue
            if all(_is_number(value) for value in ranking.series.values):
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
    falls = "falls" if found.is_worse else "rises"
    evidence = [
        phrases.run_line(answer, _argument_text(ranking, at))
        for at, answer in enumerate(series.answers)
    ]
    yield fact(
        f"From {first} to {largest} throughput {falls} from {phrases.per_second(found.before)} to "
        f"{phrases.speed(found.after)}{_power(ranking, found)}{phrases.of(series)}",
        (*evidence, *found.notes),
        series.answers,
        axes=(series.axis,),
    )


def _power(ranking: Ranking, found: Change) -> str:
    """How the time of an item grows: with the argument itself, or faster, or slower."""
    small, large = (float(str(value)) for value in (ranking.value(0), ranking.series.values[-1]))
    if small <= 0:
        return ""
    whole = math.log(large / small)
    power = -math.log(found.ratio.value) / whole
    ends = ""
    if (bounds := found.ratio.bounds) is not None:
        low, high = (-math.log(bound) / whole for bound in reversed(bounds))
        ends = f" ({low:.2f} to {high:.2f})"
    name = ranking.series.axis.removeprefix(ARGUMENTS)
    return f": the time of one grows as {name} to the power {power:.2f}{ends}" if power > 0 else ""


def _fastest(ranking: Ranking) -> Iterator[Finding]:
    """The fastest against each other value that it is told apart from."""
    series, best = ranking.series, ranking.best
    for at in range(len(series.values)):
        found = ranking.change(at, best) if at != best else None
        if found is None or not found.is_better:
            continue
        fast, slow = _argument_text(ranking, best), _argument_text(ranking, at)
        speeds = f"{phrases.per_second(found.after)} against {phrases.speed(found.before)}"
        yield advice(
            f"With {fast} it is {phrases.times(found.ratio)} as fast as with {slow}: "
            f"{speeds}{phrases.of(series)}",
            (
                phrases.run_line(found.before, slow),
                phrases.run_line(found.after, fast),
                *found.notes,
            ),
            found.answers,
            axes=(series.axis,),
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
    key = f"+{axis}" if given is not None and given.sign == "+" else axis
    return command(base, {key: list(ranking.series.values), "restarts": RESTARTS})


def _argument_text(ranking: Ranking, at: int) -> str:
    return f"{ranking.series.axis.removeprefix(ARGUMENTS)}={subject.typed(ranking.value(at))}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


RULE = Rule(name="arguments", find=find, headline=80)

"""Which device is faster, and from which batch size on."""

from collections.abc import Iterator
from itertools import combinations

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding
from embprof.report import phrases, race_phrases
from embprof.report.change import Change, change, rate_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import compared
from embprof.report.study import Series, Study


def find(study: Study) -> Iterator[Finding]:
    """A finding for each two devices of each series."""
    for series in study.series("device"):
        for first, second in combinations(range(len(series.values)), 2):
            a, b = series.answers[first], series.answers[second]
            pairs = len(series.values) * (len(series.values) - 1) // 2
            found = change(a, b, rate_of(b), comparisons=pairs)
            if found is not None:
                names = series.values[first], series.values[second]
                yield _finding(series, found, *names, comparisons=pairs)


def _finding(series: Series, found: Change, a: object, b: object, comparisons: int) -> Finding:
    slow, fast = found.before, found.after
    names = a, b
    if found.ratio.value < 1:
        # A race has judged all pairs together, from whichever side one is seen.
        pairs = comparisons if found.pair is not None else 1
        turned = change(fast, slow, found.metric, comparisons=pairs)
        assert turned is not None
        found, (slow, fast), names = turned, (fast, slow), (b, a)
    return compared(
        found,
        f"{names[1]} is {phrases.times(found.ratio)} as fast as {names[0]}: "
        f"{phrases.rates(found)}{phrases.of(series)}",
        f"{names[1]} and {names[0]} {race_phrases.apart(found, 'cannot be told apart')}: "
        f"{phrases.rates(found, 'and')}{phrases.of(series)}",
        phrases.pair_lines(found, *names),
        found.answers,
        advice=f"Run this load on {names[1]}.",
        effort=Effort.QUICK if names[1] == "cpu" else Effort.MEDIUM,
        axes=(series.axis,),
        risk=f"What {names[1]} costs to run is not weighed here.",
        check=command(fast, {"device": names, "restarts": RESTARTS}),
    )


RULE = Rule(name="devices", find=find, headline=60)

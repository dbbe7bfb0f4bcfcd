"""Which device is faster, and from which batch size on."""

from collections.abc import Iterator
from itertools import combinations

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding
from embprof.report import phrases
from embprof.report.change import Change, change, items_of, rate_of
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
                yield _finding(series, found, series.values[first], series.values[second])


def _finding(series: Series, found: Change, a: object, b: object) -> Finding:
    slow, fast = found.before, found.after
    names = a, b
    if found.ratio.value < 1:
        turned = change(fast, slow, found.metric)
        assert turned is not None
        found, (slow, fast), names = turned, (fast, slow), (b, a)
    rates = [phrases.per_second(one) for one in (slow, fast)]
    items = items_of(fast)
    return compared(
        found,
        f"{names[1]} is {phrases.times(found.ratio)} as fast as {names[0]}: {rates[1]} "
        f"against {rates[0]} {items}/s{phrases.of(series)}",
        f"{names[1]} and {names[0]} cannot be told apart: {rates[1]} and {rates[0]} "
        f"{items}/s{phrases.of(series)}",
        phrases.pair_lines(found, *names),
        found.answers,
        advice=f"Run this load on {names[1]}.",
        effort=Effort.QUICK if names[1] == "cpu" else Effort.MEDIUM,
        axes=(series.axis,),
        risk=f"What {names[1]} costs to run is not weighed here.",
        check=command(fast, {"device": names, "restarts": RESTARTS}),
    )


RULE = Rule(name="devices", find=find, headline=60)

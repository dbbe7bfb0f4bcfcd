"""What remembering claims gives a pipeline, at the share of hits that there was."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Kind
from embprof.report import phrases
from embprof.report.change import Change, change, items_of, priority_of, rate_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.study import Series, Study
from embprof.units import number, percent

NAME = "pipeline_cache"
AXIS, HITS = "workload.cache", "cache_hit_percent"


def find(study: Study) -> Iterator[Finding]:
    """A finding for each series with and without a cache."""
    for series in study.series(AXIS):
        known = dict(zip(series.values, series.answers, strict=True))
        if known.keys() >= {False, True}:
            found = change(known[False], known[True], rate_of(known[True]))
            if found is not None:
                yield _finding(series, found)


def _finding(series: Series, found: Change) -> Finding:
    hits = found.after.value(HITS)
    items = items_of(found.after)
    rates = [number(one.value(found.metric) or 0.0) for one in (found.before, found.after)]
    share = "an unknown share" if hits is None else percent(hits / 100)
    said = f"{rates[1]} against {rates[0]} {items}/s{phrases.of(series)}"
    check = command(found.after, {AXIS: (False, True), "restarts": RESTARTS})
    if not found.is_better:
        return Finding(
            rule=NAME,
            kind=Kind.GAP if found.ratio.low is None else Kind.FACT,
            title=f"A cache that answers {share} of {items} gives no gain that can be told: {said}",
            evidence=tuple(_evidence(found, hits)),
            runs=found.runs,
            check=check,
        )
    return Finding(
        rule=NAME,
        kind=Kind.ADVICE,
        title=f"A cache that answers {share} of {items} makes {phrases.times(found.ratio.value)} "
        "the "
        f"throughput: {said}",
        evidence=tuple(_evidence(found, hits)),
        runs=found.runs,
        advice="Remember what was found of claims, if yours come again as often: count them in "
        "your logs first.",
        improvement=found.improvement,
        effort=Effort.MEDIUM,
        priority=priority_of(found.improvement),
        risk="The order of claims was made up. An answer from a cache does not know of evidence "
        "that came since: bound its age.",
        check=check,
    )


def _evidence(found: Change, hits: float | None) -> Iterator[str]:
    workload = found.after.run.config["workload"]
    for name, answer in (("without", found.before), ("with", found.after)):
        yield f"{phrases.label(answer, name)}: {phrases.rate(answer)}"
    yield f"with over without: {phrases.more(found.improvement)}"
    if hits is not None:
        yield (
            f"{HITS} {number(hits)}: {workload.get('cache_claims')} of {workload.get('claims')} "
            f"claims remembered at most, order={workload.get('order')}"
        )
        if hits < 100:  # noqa: PLR2004  (all)
            yield f"were hits free, it would be {1 / (1 - hits / 100):.2f} times"
    yield from found.notes


RULE = Rule(name=NAME, find=find)

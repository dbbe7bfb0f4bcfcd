"""What searching at once gives a pipeline, against one search after the other."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Kind
from embprof.report import phrases
from embprof.report.change import Change, change, items_of, priority_of, rate_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.study import Answer, Series, Study
from embprof.units import number, percent

NAME = "pipeline_retrieval"
AXIS, ONE_BY_ONE, AT_ONCE = "workload.retrieval", "sequential", "parallel"
SEARCH = "stage_search_ms"


def find(study: Study) -> Iterator[Finding]:
    """A finding for each series of both ways to retrieve."""
    for series in study.series(AXIS):
        known = dict(zip(series.values, series.answers, strict=True))
        if known.keys() >= {ONE_BY_ONE, AT_ONCE}:
            before, after = known[ONE_BY_ONE], known[AT_ONCE]
            found = change(before, after, rate_of(after))
            if found is not None:
                yield _finding(series, found)


def _finding(series: Series, found: Change) -> Finding:
    before, after = found.before, found.after
    items = items_of(after)
    rates = [number(one.value(found.metric) or 0.0) for one in (before, after)]
    said = f"{rates[1]} against {rates[0]} {items}/s{phrases.of(series)}"
    check = command(after, {AXIS: (ONE_BY_ONE, AT_ONCE), "restarts": RESTARTS})
    evidence = tuple(_evidence(found))
    if not found.is_distinct:
        return Finding(
            rule=NAME,
            kind=Kind.GAP if found.ratio.low is None else Kind.FACT,
            title=f"Searching at once or one after the other makes no difference that can be told: "
            f"{said}",
            evidence=evidence,
            runs=found.runs,
            check=check,
        )
    if found.is_worse:
        return Finding(
            rule=NAME,
            kind=Kind.FACT,
            title=f"Searching at once is slower here: {said}",
            evidence=evidence,
            runs=found.runs,
        )
    return Finding(
        rule=NAME,
        kind=Kind.ADVICE,
        title=f"Searching at once gives {percent(found.improvement.share)} more throughput: {said}",
        evidence=evidence,
        runs=found.runs,
        advice="Send the searches of a claim on connections of their own, and wait for all.",
        improvement=found.improvement,
        effort=Effort.MEDIUM,
        priority=priority_of(found.improvement),
        risk="One caller was measured: where many ask at once, the database has its CPUs and "
        "connections to share among more searches.",
        check=check,
    )


def _evidence(found: Change) -> Iterator[str]:
    for name, answer in ((ONE_BY_ONE, found.before), (AT_ONCE, found.after)):
        yield f"{phrases.label(answer, name)}: {phrases.rate(answer)}"
    yield f"{AT_ONCE} over {ONE_BY_ONE}: {phrases.more(found.improvement)}"
    searches = change(found.before, found.after, SEARCH)
    if searches is not None:
        yield (
            f"the searches of a call: {_ms(found.before)} one after the other, {_ms(found.after)} "
            f"at once; {phrases.gain(searches.improvement)} less"
        )
    share = found.before.value("stage_search_percent")
    if share is not None and share < 100:  # noqa: PLR2004  (all of the call)
        yield (
            f"searching is {number(share)} % of a call: were it free, a call would be "
            f"{1 / (1 - share / 100):.2f} times as fast (Amdahl)"
        )
    yield from found.notes


def _ms(answer: Answer) -> str:
    figure = answer.run.figure(SEARCH)
    return phrases.bounded(figure.estimate if figure is not None else None, "ms")


RULE = Rule(name=NAME, find=find)

"""What a switch of a pipeline gives: remembering claims, and searching at once."""

from collections.abc import Iterable, Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding
from embprof.report import phrases
from embprof.report.change import Change, change, items_of, priority_of, rate_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import advice, fact, undecided
from embprof.report.study import Answer, Study
from embprof.units import number, percent

CACHE, HITS = "workload.cache", "cache_hit_percent"
RETRIEVAL, SEARCH = "workload.retrieval", "stage_search_ms"
ONE_BY_ONE, AT_ONCE = "sequential", "parallel"


def find_cache(study: Study) -> Iterator[Finding]:
    """A finding for each series with and without a cache, at the share of hits that there was."""
    for speeds, found in _switched(study, CACHE, before=False, after=True):
        yield _cache_finding(speeds, found)


def find_retrieval(study: Study) -> Iterator[Finding]:
    """A finding for each series of both ways to retrieve: one search after the other, or all."""
    for speeds, found in _switched(study, RETRIEVAL, ONE_BY_ONE, AT_ONCE):
        yield _retrieval_finding(speeds, found)


def _switched(
    study: Study, axis: str, before: object, after: object
) -> Iterator[tuple[str, Change]]:
    """The change of each throughput from one value to the other, and both throughputs in words."""
    for series in study.series(axis):
        known = dict(zip(series.values, series.answers, strict=True))
        if known.keys() >= {before, after}:
            found = change(known[before], known[after], rate_of(known[after]))
            if found is not None:
                slow, fast = phrases.per_second(found.before), phrases.per_second(found.after)
                items = items_of(found.after)
                yield f"{fast} against {slow} {items}/s{phrases.of(series)}", found


def _cache_finding(speeds: str, found: Change) -> Finding:
    hits = found.after.value(HITS)
    share = "an unknown share" if hits is None else percent(hits / 100)
    cache = f"A cache that answers {share} of {items_of(found.after)}"
    evidence = _evidence(found, "without", "with", _hit_lines(found.after, hits))
    check = command(found.after, {CACHE: (False, True), "restarts": RESTARTS})
    if not found.is_better:
        title = f"{cache} gives no gain that can be told: {speeds}"
        return undecided(found, title, evidence, found.answers, check=check, axes=(CACHE,))
    return advice(
        f"{cache} makes {phrases.times(found.ratio)} the throughput: {speeds}",
        evidence,
        found.answers,
        advice="Remember what was found of claims, if yours come again as often: count them in "
        "your logs first.",
        improvement=found.improvement,
        effort=Effort.MEDIUM,
        priority=priority_of(found.improvement),
        axes=(CACHE,),
        risk="The order of claims was made up. An answer from a cache does not know of evidence "
        "that came since: bound its age.",
        check=check,
    )


def _retrieval_finding(speeds: str, found: Change) -> Finding:
    evidence = _evidence(found, ONE_BY_ONE, AT_ONCE, _search_lines(found))
    check = command(found.after, {RETRIEVAL: (ONE_BY_ONE, AT_ONCE), "restarts": RESTARTS})
    if not found.is_distinct:
        title = "Searching at once or one after the other makes no difference that can be told"
        title = f"{title}: {speeds}"
        return undecided(found, title, evidence, found.answers, check=check, axes=(RETRIEVAL,))
    if found.is_worse:
        title = f"Searching at once is slower here: {speeds}"
        return fact(title, evidence, found.answers, axes=(RETRIEVAL,))
    gain = phrases.gain(found.improvement)
    return advice(
        f"Searching at once gives {gain} more throughput: {speeds}",
        evidence,
        found.answers,
        advice="Send the searches of a claim on connections of their own, and wait for all.",
        improvement=found.improvement,
        effort=Effort.MEDIUM,
        priority=priority_of(found.improvement),
        axes=(RETRIEVAL,),
        risk="One caller was measured: where many ask at once, the database has its CPUs and "
        "connections to share among more searches.",
        check=check,
    )


def _evidence(found: Change, before: str, after: str, more: Iterable[str]) -> list[str]:
    slow, fast, gain, *notes = phrases.pair_lines(found, before, after)
    return [slow, fast, gain, *more, *notes]


def _hit_lines(answer: Answer, hits: float | None) -> Iterator[str]:
    if hits is not None:
        workload = answer.run.config["workload"]
        yield (
            f"{HITS} {number(hits)}: {workload.get('cache_claims')} of {workload.get('claims')} "
            f"claims remembered at most, order={workload.get('order')}"
        )
        if hits < 100:  # noqa: PLR2004  (all)
            yield f"were hits free, it would be {1 / (1 - hits / 100):.2f} times"


def _search_lines(found: Change) -> Iterator[str]:
    searches = change(found.before, found.after, SEARCH)
    if searches is not None:
        slow, fast = (phrases.bounded(one.estimate(SEARCH), "ms") for one in found.answers)
        yield (
            f"the searches of a call: {slow} one after the other, {fast} at once; "
            f"{phrases.gain(searches.improvement)} less"
        )
    share = found.before.value("stage_search_percent")
    if share is not None and share < 100:  # noqa: PLR2004  (all of the call)
        yield (
            f"searching is {number(share)} % of a call: were it free, a call would be "
            f"{1 / (1 - share / 100):.2f} times as fast (Amdahl)"
        )


RULES = (
    Rule(name="pipeline_cache", find=find_cache),
    Rule(name="pipeline_retrieval", find=find_retrieval),
)

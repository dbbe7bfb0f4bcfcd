"""What remembering claims gives a pipeline, at the share of hits that there was."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding
from embprof.report import phrases
from embprof.report.change import Change, items_of, priority_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import advice, undecided
from embprof.report.study import Study
from embprof.units import number, percent
from embprof.workloads.pipeline.findings.switch import switches

AXIS, HITS = "workload.cache", "cache_hit_percent"


def find(study: Study) -> Iterator[Finding]:
    """A finding for each series with and without a cache."""
    for speeds, found in switches(study, AXIS, before=False, after=True):
        yield _finding(speeds, found)


def _finding(speeds: str, found: Change) -> Finding:
    hits = found.after.value(HITS)
    share = "an unknown share" if hits is None else percent(hits / 100)
    cache = f"A cache that answers {share} of {items_of(found.after)}"
    check = command(found.after, {AXIS: (False, True), "restarts": RESTARTS})
    if not found.is_better:
        title = f"{cache} gives no gain that can be told: {speeds}"
        return undecided(found, title, _evidence(found, hits), found.answers, check=check)
    return advice(
        f"{cache} makes {phrases.times(found.ratio.value)} the throughput: {speeds}",
        _evidence(found, hits),
        found.answers,
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
    without, with_cache, gain, *notes = phrases.pair_lines(found, "without", "with")
    yield from (without, with_cache, gain)
    if hits is not None:
        workload = found.after.run.config["workload"]
        yield (
            f"{HITS} {number(hits)}: {workload.get('cache_claims')} of {workload.get('claims')} "
            f"claims remembered at most, order={workload.get('order')}"
        )
        if hits < 100:  # noqa: PLR2004  (all)
            yield f"were hits free, it would be {1 / (1 - hits / 100):.2f} times"
    yield from notes


RULE = Rule(name="pipeline_cache", find=find)

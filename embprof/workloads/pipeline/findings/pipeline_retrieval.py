"""What searching at once gives a pipeline, against one search after the other."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding
from embprof.report import phrases
from embprof.report.change import Change, change, priority_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import advice, fact, undecided
from embprof.report.study import Answer, Study
from embprof.units import number, percent
from embprof.workloads.pipeline.findings.switch import switches

AXIS, ONE_BY_ONE, AT_ONCE = "workload.retrieval", "sequential", "parallel"
SEARCH = "stage_search_ms"


def find(study: Study) -> Iterator[Finding]:
    """A finding for each series of both ways to retrieve."""
    for speeds, found in switches(study, AXIS, ONE_BY_ONE, AT_ONCE):
        yield _finding(speeds, found)


def _finding(speeds: str, found: Change) -> Finding:
    check = command(found.after, {AXIS: (ONE_BY_ONE, AT_ONCE), "restarts": RESTARTS})
    evidence = list(_evidence(found))
    if not found.is_distinct:
        title = "Searching at once or one after the other makes no difference that can be told"
        return undecided(found, f"{title}: {speeds}", evidence, found.answers, check=check)
    if found.is_worse:
        return fact(f"Searching at once is slower here: {speeds}", evidence, found.answers)
    gain = percent(found.improvement.share)
    return advice(
        f"Searching at once gives {gain} more throughput: {speeds}",
        evidence,
        found.answers,
        advice="Send the searches of a claim on connections of their own, and wait for all.",
        improvement=found.improvement,
        effort=Effort.MEDIUM,
        priority=priority_of(found.improvement),
        risk="One caller was measured: where many ask at once, the database has its CPUs and "
        "connections to share among more searches.",
        check=check,
    )


def _evidence(found: Change) -> Iterator[str]:
    sequential, parallel, gain, *notes = phrases.pair_lines(found, ONE_BY_ONE, AT_ONCE)
    yield from (sequential, parallel, gain)
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
    yield from notes


def _ms(answer: Answer) -> str:
    return phrases.bounded(answer.estimate(SEARCH), "ms")


RULE = Rule(name="pipeline_retrieval", find=find)

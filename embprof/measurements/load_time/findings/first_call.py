"""A first call that is much slower than later ones: what is lazy is paid by a first user."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Improvement, Level
from embprof.model import Estimate
from embprof.report import phrases
from embprof.report.call import call_of
from embprof.report.check_command import command
from embprof.report.rule_findings import advice
from embprof.report.study import Answer, Study
from embprof.statistics.ratio import ratio
from embprof.units import number

SLOW = 2.0
"""Times a later call, from which the first one is worth a warm-up; a choice."""
TARGET_MS = 200.0
"""The target of the option load_time."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each start whose first call is slow beyond doubt."""
    for answer in study.of("load_time"):
        first, steady = answer.estimate("first_encode_ms"), answer.estimate("steady_encode_ms")
        found = ratio(steady, first) if first is not None and steady is not None else None
        if found is not None and first is not None and (found.low or 0.0) > SLOW:
            yield _finding(answer, first, found)


def _finding(answer: Answer, first: Estimate, found: Estimate) -> Finding:
    steady = answer.estimate("steady_encode_ms")
    return advice(
        f"The first call takes {number(first.value)} ms, {phrases.times(found)} a later one",
        (
            f"first call {phrases.bounded(first, 'ms')} ({answer.label})",
            f"later calls {phrases.bounded(steady, 'ms')}",
        ),
        answer,
        advice=f"{_warm_up(answer)} before the service says that it is ready.",
        improvement=Improvement(
            metric="first_encode_ms",
            share=1 - 1 / found.value,
            low=None if found.low is None else 1 - 1 / found.low,
            high=None if found.high is None else 1 - 1 / found.high,
        ),
        effort=Effort.QUICK,
        priority=Level.MEDIUM if first.value > TARGET_MS else Level.LOW,
        risk="The start takes longer by that call; nobody waits for it.",
        check=command(answer, {"measurement": "load_time"}),
        component="first call",
    )


def _warm_up(answer: Answer) -> str:
    call = call_of(answer)
    if call is None:
        return "Make a usual call"
    return f"{call.verb.capitalize()} a {call.item} of usual length"


RULE = Rule(name="first_call", find=find)

"""Memory that grows while a service is watched."""

from collections.abc import Iterator
from dataclasses import replace

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.report.check_command import command
from embprof.report.rule_findings import advice, gap
from embprof.report.study import Answer, Study
from embprof.units import number

GROWTH = "rss_growth_mb_per_min"
MUCH = 10.0
"""MB a minute that a service under load may grow by. Source: the bound that the embedding service
of this study's first user keeps over half an hour."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each watched run that grew beyond doubt."""
    axes = study.swept("memory")  # each run answers for itself
    for answer in study.of("memory"):
        estimate = answer.estimate(GROWTH)
        low, high = (estimate and estimate.bounds) or (0.0, 0.0)
        if estimate is None or low <= 0:
            continue
        pace = f"{number(estimate.value)} MB a minute ({number(low)} to {number(high)})"
        if answer.run.outcomes.get("growth") == "slowing":
            yield replace(_slowing(answer, pace), axes=axes)
        else:
            yield replace(_steady(answer, pace, is_much=high > MUCH), axes=axes)


def _slowing(answer: Answer, pace: str) -> Finding:
    return gap(
        f"Memory still grew, ever more slowly: {pace}; where it ends, more time would show",
        f"{answer.label}: {pace} over the second half",
        answer,
        check=command(answer, {"measurement": "memory", "measurement.duration": "2h"}),
    )


def _steady(answer: Answer, pace: str, *, is_much: bool) -> Finding:
    bound = "more than" if is_much else "within"
    return advice(
        f"Memory grows by {pace} under load",
        (
            f"{answer.label}: {pace} over the second half",
            f"{bound} the {MUCH:g} MB a minute that a service may grow by (upper bound taken)",
        ),
        answer,
        advice="Find out whether it leaks: the measurement leak tells a leak from what fills.",
        effort=Effort.MEDIUM,
        priority=Level.HIGH if is_much else Level.MEDIUM,
        risk="Growth of resident memory may be fragmentation, which ends by itself.",
        check=command(answer, {"measurement": "leak"}),
        component="memory",
    )


RULE = Rule(name="memory_growth", find=find, headline=150)

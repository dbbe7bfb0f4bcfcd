"""Calls that failed while others were answered."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Level
from embprof.measurements.load.findings import load_phrases
from embprof.report import phrases
from embprof.report.rule_findings import fact
from embprof.report.study import Answer, Study
from embprof.units import counted

MANY = 1.0
"""Percent of calls that failed, from which it is severe; a choice."""


def find(study: Study) -> Iterator[Finding]:
    """One finding on all runs with such calls."""
    found = [
        one for one in load_phrases.under_load(study) if (one.value("error_percent") or 0.0) > 0
    ]
    if not found:
        return
    worst = max(found, key=lambda answer: answer.value("error_percent") or 0.0)
    share = worst.value("error_percent") or 0.0
    yield fact(
        f"Calls failed in {counted(len(found), 'run')}, {share:.2g} %{_between(worst)} of them "
        f"with {load_phrases.load(worst)}",
        [line for answer in found for line in _evidence(answer)],
        found,
        priority=Level.HIGH if share >= MANY else Level.MEDIUM,
    )


def _between(answer: Answer) -> str:
    estimate = answer.estimate("error_percent")
    return "" if estimate is None else phrases.between(estimate, ".2g")


def _evidence(answer: Answer) -> Iterator[str]:
    errors, timeouts = (int(answer.value(name) or 0) for name in ("errors", "timeouts"))
    yield (
        f"{phrases.label(answer, load_phrases.load(answer))}: {counted(errors, 'error')} and "
        f"{counted(timeouts, 'timeout')} of {answer.value('calls') or 0:,.0f} calls"
    )
    if first := answer.run.description.get("first_failure"):
        yield f"{answer.label} the first: {first}"


RULE = Rule(name="failed_calls", find=find)

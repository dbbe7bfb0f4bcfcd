"""Jobs that have no answer, and why."""

from collections.abc import Iterator

from embprof.interface.finding import Finding, Level
from embprof.model import Status
from embprof.report import phrases
from embprof.report.rule_findings import fact
from embprof.report.study import Answer, Study
from embprof.units import counted


def find(study: Study) -> Iterator[Finding]:
    """A finding for each status that failed jobs have."""
    by_status: dict[Status, list[Answer]] = {}
    for answer in study.failed:
        by_status.setdefault(answer.run.status, []).append(answer)
    for status, answers in by_status.items():
        questions = [" ".join(answer.run.overrides) or answer.label for answer in answers]
        ending = status.value.replace("_", " ")
        yield fact(
            f"{counted(len(answers), 'job')} ended without an answer, {ending}: "
            f"{phrases.join(questions)}",
            (f"{answer.label}: {answer.run.reason or ending}" for answer in answers),
            answers,
            priority=Level.HIGH if status is not Status.INTERRUPTED else Level.MEDIUM,
        )

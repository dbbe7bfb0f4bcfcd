"""Jobs that have no answer, and why."""

from collections.abc import Iterator

from embprof.interface.finding import Finding, Kind, Level
from embprof.model import Status
from embprof.report import phrases
from embprof.report.study import Answer, Study
from embprof.units import counted

NAME = "failures"


def find(study: Study) -> Iterator[Finding]:
    """A finding for each status that failed jobs have."""
    by_status: dict[Status, list[Answer]] = {}
    for answer in study.failed:
        by_status.setdefault(answer.run.status, []).append(answer)
    for status, answers in by_status.items():
        asked = [" ".join(answer.run.overrides) or f"{answer.label}" for answer in answers]
        said = str(status.value).replace("_", " ")
        yield Finding(
            rule=NAME,
            kind=Kind.FACT,
            title=f"{counted(len(answers), 'job')} ended without an answer, {said}: "
            f"{phrases.join(asked)}",
            evidence=tuple(f"{answer.label}: {answer.run.reason or said}" for answer in answers),
            runs=tuple(answer.run.run_id for answer in answers),
            priority=Level.HIGH if status is not Status.INTERRUPTED else Level.MEDIUM,
        )

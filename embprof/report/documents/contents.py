"""All that a report says, worked out once; documents only differ in how they write it."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from embprof.config import subject
from embprof.interface import faults
from embprof.interface.chart import Chart
from embprof.interface.finding import Effort, Finding, Kind
from embprof.report.charts import charts
from embprof.report.documents import environment, method, tables
from embprof.report.documents.answer import Reply, reply
from embprof.report.documents.races import RaceTable, race_tables
from embprof.report.documents.requests import Request, requests_of
from embprof.report.documents.tables import Grid
from embprof.report.findings import findings
from embprof.report.study import Study
from embprof.units import counted

GROUPS: tuple[tuple[str, Kind, Effort | None], ...] = (
    ("Contradictions", Kind.CONTRADICTION, None),
    ("Quick wins: a setting", Kind.ADVICE, Effort.QUICK),
    ("Medium: days of work, or quality to be checked", Kind.ADVICE, Effort.MEDIUM),
    ("Long term: weeks", Kind.ADVICE, Effort.LONG),
    ("Known facts", Kind.FACT, None),
    ("Gaps: what these runs cannot tell", Kind.GAP, None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """``timestamp`` is when the newest of its runs ended: the same runs make the same report."""

    study: Study
    timestamp: str
    sweeps: tuple[Request, ...]
    findings: tuple[Finding, ...]
    reply: Reply
    grids: tuple[Grid, ...]
    legend: tuple[str, ...]
    races: tuple[RaceTable, ...]
    charts: tuple[Chart, ...]
    method: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]

    @property
    def groups(self) -> list[tuple[str, list[Finding]]]:
        """Findings by what a reader is to do with them; advice of unknown effort is medium."""
        grouped = {
            title: [
                finding
                for finding in self.findings
                if finding.kind is kind
                and (effort is None or (finding.effort or Effort.MEDIUM) is effort)
            ]
            for title, kind, effort in GROUPS
        }
        return [(title, found) for title, found in grouped.items() if found]

    @property
    def question(self) -> list[str]:
        """What was asked: in words, of what, and which runs answer."""
        lines = [self.study.question] if self.study.question else []
        every = [*self.study.answers, *self.study.failed]
        subjects = _several(subject.label(answer.run.config) for answer in every)
        devices = _several(answer.run.config.get("device") for answer in every)
        if subjects and devices:
            lines.append(f"{subjects} on {devices}.")
        of = f" of {counted(len(self.sweeps), 'sweep')}" if len(self.sweeps) > 1 else ""
        newest = self.timestamp[:16].replace("T", " ")
        return [*lines, f"{counted(len(every), 'run')}{of}, the newest of {newest} UTC."]


def _several(values: Iterable[str | None]) -> str:
    return ", ".join(dict.fromkeys(value for value in values if value))


def contents(study: Study) -> Contents:
    """Everything that a report of this study says."""
    sweeps = requests_of(study)
    with faults.collected() as wrong:
        found = _contents(study, sweeps)
    faulty = (f"Not told here: {fault}." for fault in wrong)
    return dataclasses.replace(found, method=(*found.method, *faulty))


def _contents(study: Study, sweeps: Sequence[Request]) -> Contents:
    every = [*study.answers, *study.failed]
    found = findings(study)
    return Contents(
        study=study,
        timestamp=max(answer.run.ended for answer in every),
        sweeps=tuple(sweeps),
        findings=tuple(found),
        reply=reply(study, found),
        grids=tuple(tables.grids(study, sweeps)),
        legend=tuple(tables.legends(study, sweeps)),
        races=tuple(race_tables(study)),
        charts=tuple(charts(study)),
        method=tuple(method.lines(study)),
        environment=tuple(environment.lines(study)),
    )

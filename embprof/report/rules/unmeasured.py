"""What these runs do not look at, with the command that would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from embprof.measurements.load.findings.load_phrases import asks_others, under_load
from embprof.report.check_command import command, most_usual
from embprof.report.finding import Finding, Kind, Level
from embprof.report.study import Answer, Study

NAME = "unmeasured"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    title: str
    changes: Mapping[str, object]


INPUTS = frozenset({"texts_per_call"})
"""Keys that another's workload may have no use for."""
BY_MEASUREMENT: Mapping[str, _Question] = {
    "profile": _Question(
        title="Where the time of a call goes was not measured",
        changes={"measurement": "profile"},
    ),
    "memory": _Question(
        title="Memory of a process of its own was not measured",
        changes={"measurement": "memory"},
    ),
    "leak": _Question(
        title="Whether memory leaks was not measured",
        changes={"measurement": "leak"},
    ),
    "load_time": _Question(
        title="How long a start takes was not measured",
        changes={"measurement": "load_time", "texts_per_call": 1},
    ),
}
OF_THE_PROCESS = frozenset({"memory", "leak", "load_time"})
"""What would be the client's own of a workload that asks a server."""
BY_AXIS: Mapping[str, _Question] = {
    "batch_size": _Question(
        title="Which batch size is best was not measured",
        changes={"batch_size": [1, 8, 16, 32, 64, 128]},
    ),
    "text_length": _Question(
        title="How throughput falls with the length of texts was not measured",
        changes={"text_length": [10, 50, 100, 256, 512, 1024]},
    ),
}


def find(study: Study) -> Iterator[Finding]:
    """A gap for each question that nobody asked."""
    if not study.answers:
        return
    for measurement, question in BY_MEASUREMENT.items():
        of_servers = measurement in OF_THE_PROCESS and all(map(asks_others, study.answers))
        if not study.of(measurement) and not of_servers:
            yield _gap(study.answers, question)
    runs = study.of("throughput")
    if not runs:
        if not study.of("profile") and not under_load(study):
            question = _Question(
                title="Throughput was not measured", changes={"measurement": "throughput"}
            )
            yield _gap(study.answers, question)
        return
    for axis, question in BY_AXIS.items():
        if not study.series(axis) and _is_used(axis, runs[0].run.config["workload"]):
            yield _gap(runs, question)


def _is_used(axis: str, workload: Mapping[str, Any]) -> bool:
    """Whether it makes a difference; a function of the user's own may get no texts at all."""
    is_without_texts = "function" in workload and (
        workload["batch"] is None or any(workload["inputs"].get(key) for key in ("values", "path"))
    )
    return axis in workload and not (axis == "text_length" and is_without_texts)


def _gap(answers: tuple[Answer, ...] | list[Answer], question: _Question) -> Finding:
    base = most_usual(answers)
    known = base.run.config
    changes = {
        key: value
        for key, value in question.changes.items()
        if key not in INPUTS or key in known["workload"]
    }
    return Finding(
        rule=NAME,
        kind=Kind.GAP,
        title=question.title,
        evidence=(f"none of these {len(answers)} runs asks it",)
        if len(answers) > 1
        else ("this run does not ask it",),
        runs=(base.run.run_id,),
        priority=Level.LOW,
        check=command(base, changes),
    )

"""What was asked, and how to ask it again: the sweeps behind a study."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from embprof.report.check_command import PROGRAM
from embprof.report.phrases import join
from embprof.report.studies import sweep_of
from embprof.report.study import Answer, Study
from embprof.tracking.sweep_folder import GATE, KIND
from embprof.units import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One sweep of a study; ``skipped`` says why jobs were not measured, by their numbers.

    Where only runs of it are left, the command is that of one of them.
    """

    sweep_id: str
    command: str
    started: str
    commit: str | None
    is_dirty: bool
    is_gate: bool = False
    skipped: Mapping[int, str] = field(default_factory=dict)


def requests_of(study: Study) -> list[Request]:
    """The sweeps, oldest first."""
    first: dict[str, Answer] = {}
    for answer in (*study.answers, *study.failed):
        known = first.get(answer.run.sweep_id)
        if known is None or (known.folder is None and answer.folder is not None):
            first[answer.run.sweep_id] = answer
    return [_request(first[sweep_id]) for sweep_id in sorted(first)]


def line(sweep: Request) -> str:
    """A sweep in one line."""
    kind = "gate" if sweep.is_gate else "sweep"
    commit = ""
    if sweep.commit is not None:
        commit = f", commit {sweep.commit[:12]}{' with changes' if sweep.is_dirty else ''}"
    skips = f", {counted(len(sweep.skipped), 'job')} skipped" if sweep.skipped else ""
    return f"{kind} {sweep.sweep_id} of {sweep.started[:10]}{commit}{skips}"


def skips(sweeps: Sequence[Request]) -> list[str]:
    """What was not measured, one line per reason; numbers of jobs where they tell one run."""
    lines = []
    for sweep in sweeps:
        for reason in dict.fromkeys(sweep.skipped.values()):
            numbers = [f"#{at}" for at, why in sweep.skipped.items() if why == reason]
            jobs = join(numbers)
            if len(sweeps) > 1:
                jobs = f"{counted(len(numbers), 'job')} of sweep {sweep.sweep_id}"
            lines.append(f"Not measured: {jobs} ({reason}).")
    return lines


def _request(answer: Answer) -> Request:
    content = sweep_of(answer.stored)
    if content is None:
        soft = answer.stored.soft
        return Request(
            sweep_id=answer.run.sweep_id,
            command=shlex.join([*PROGRAM, *answer.run.overrides]),
            started=answer.run.started,
            commit=soft.get("git_commit"),
            is_dirty=bool(soft.get("git_dirty")),
        )
    tags = content.get("tags", {})
    multirun = ["-m"] if content.get("multirun") else []
    return Request(
        sweep_id=answer.run.sweep_id,
        # Overrides alone make a gate too: ``against.a_ref=main``.
        command=shlex.join([*PROGRAM, *multirun, *content["overrides"]]),
        started=content["started"],
        skipped={job["number"]: job["skip"] for job in content["jobs"] if job["skip"]},
        commit=tags.get("embprof.git_commit"),
        is_dirty=tags.get("embprof.git_dirty") == "true",
        is_gate=content.get(KIND) == GATE,
    )

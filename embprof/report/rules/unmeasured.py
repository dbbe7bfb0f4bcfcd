"""What these runs do not look at, with the command that would."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from embprof.config import options
from embprof.interface import faults
from embprof.interface.account import Gap
from embprof.interface.finding import Finding
from embprof.interface.subjects import subject, workload_of
from embprof.report.check_command import command, most_usual
from embprof.report.rule_findings import gap
from embprof.report.study import Answer, Study

INPUTS = frozenset({"texts_per_call"})
"""Keys that a third-party workload may have no use for."""
BY_AXIS: Mapping[str, Gap] = {
    "batch_size": Gap(
        title="Which batch size is best was not measured",
        changes={"batch_size": [1, 8, 16, 32, 64, 128]},
    ),
    "text_length": Gap(
        title="How throughput falls with the length of texts was not measured",
        changes={"text_length": [10, 50, 100, 256, 512, 1024]},
    ),
}


def find(study: Study) -> Iterator[Finding]:
    """A gap for each question that nobody asked."""
    if not study.answers:
        return
    is_elsewhere = all(workload_of(one.run.config).account.asks_others for one in study.answers)
    filled = {name for one in study.answers for name in (one.measurement, *one.account.fills)}
    # A class that is made of another has its account too, and leaves (or fills) the same gap.
    every = [*_gaps(), *((one.measurement, one.account.gap) for one in study.answers)]
    closed = {gap.title for name, gap in every if gap is not None and name in filled}
    gaps = {gap.title: gap for _, gap in _gaps() if gap.title not in closed}
    for question in sorted(gaps.values(), key=lambda gap: gap.order):
        if not (question.of_process and is_elsewhere):
            yield _gap(study.answers, question)
    runs = study.of(options.default("measurement"))
    if not runs:
        return
    for axis, question in BY_AXIS.items():
        if not study.series(axis) and _is_used(axis, runs[0].run.config["workload"]):
            yield _gap(runs, question)


def _gaps() -> Iterator[tuple[str, Gap]]:
    """Each measurement that a user can name here, with what is not known without it."""
    for name in options.names("measurement"):
        found = subject(str(options.target("measurement", name)))
        if found.account.gap is not None:
            yield found.name, found.account.gap


def _is_used(axis: str, workload: Mapping[str, Any]) -> bool:
    """Whether it makes a difference to the workload."""
    whose = subject(str(workload.get("_target_", "")))
    unused: Collection[str] = ()
    if (tell := whose.account.unused_axes) is not None:
        part = "unused_axes of its account"
        unused = faults.ask(whose.target, part, lambda: set(tell(workload)), set())
    return axis in workload and axis not in unused


def _gap(answers: Sequence[Answer], question: Gap) -> Finding:
    base = most_usual(answers)
    workload = base.run.config["workload"]
    changes = {
        key: value
        for key, value in question.changes.items()
        if key not in INPUTS or key in workload
    }
    several = f"none of these {len(answers)} runs asks it"
    evidence = several if len(answers) > 1 else "this run does not ask it"
    return gap(question.title, evidence, base, check=command(base, changes))

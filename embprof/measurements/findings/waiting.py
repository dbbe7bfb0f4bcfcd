"""Calls of the user's own that wait more than they compute."""

from collections.abc import Iterator

from embprof.config import subject
from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.report.change import DISTURBED, marks
from embprof.report.check_command import command
from embprof.report.rule_findings import advice
from embprof.report.study import Answer, Study
from embprof.units import percent

HALF, LITTLE = 50.0, 10.0
"""CPU percent of a call below which it mostly waits; and where others used the CPUs, so that calls
that compute had to wait for one too. Both are choices: ten others on a CPU leave a tenth of it."""
WAITS = frozenset({"sleep", "acquire", "select", "poll", "recv", "recv_into", "read", "connect"})
"""Last parts of the names of built-in functions that wait and do nothing else."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each such throughput; what is waited for, where it was profiled too."""
    for answer in study.of("throughput"):
        cpu = answer.value("cpu_percent")
        bound = LITTLE if marks(answer) & DISTURBED else HALF
        is_theirs = "function" in answer.run.config["workload"]
        estimate = answer.estimate("cpu_percent")
        most = cpu if estimate is None or estimate.high is None else estimate.high
        if is_theirs and cpu is not None and most is not None and most < bound:
            yield _finding(answer, cpu / 100, list(_places(study, answer)))


def _finding(answer: Answer, cpu: float, places: list[str]) -> Finding:
    called = subject.setting(answer.run.config)
    return advice(
        f"A call uses a CPU for {percent(cpu)} of its time and waits for the rest ({called})",
        (f"{answer.label}: CPU {100 * cpu:.0f} % of one", *places),
        answer,
        advice="Let waits overlap: ask at once what does not depend on each other, and serve "
        "several calls at a time.",
        effort=Effort.MEDIUM,
        priority=Level.MEDIUM,
        risk="Whoever is asked gets more at a time, and may be slower for it.",
        check=command(answer, {"measurement": "profile"}),
        component="waiting",
        time_share=1 - cpu,
    )


def _places(study: Study, answer: Answer) -> Iterator[str]:
    """Functions that wait, from the profile of the same question."""
    profile = study.companion(answer, "profile")
    for row in profile.rows("worth_optimising.json", "functions") if profile is not None else ():
        if row["function"].rpartition(".")[2] in WAITS:
            where = f" in {row['called_from']}" if "called_from" in row else ""
            yield f"{row['function']}{where}: {row['self_percent']:.0f} % of the time"


RULE = Rule(name="waiting", find=find)

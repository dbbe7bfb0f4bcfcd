"""Locks that callers wait for so long that it is worth doing something about."""

from collections.abc import Iterator, Mapping
from typing import Any

from embprof.config import subject
from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.measurements.profile.profilers.worth import LEAST_WAIT_MS
from embprof.report.check_command import command
from embprof.report.rule_findings import advice
from embprof.report.study import Answer, Study
from embprof.units import counted

SHOWN = 5


def find(study: Study) -> Iterator[Finding]:
    """A finding for each profile of which callers wait longer than the rule of thumb allows."""
    for answer in study.of("profile"):
        if waits := answer.rows("worth_optimising.json", "lock_waits"):
            yield _finding(answer, sorted(waits, key=lambda wait: -wait["wait_ms_per_call"]))


def _finding(answer: Answer, waits: list[Mapping[str, Any]]) -> Finding:
    others = len({wait["place"] for wait in waits}) - 1
    more = f", and {counted(others, 'other line')} above {LEAST_WAIT_MS:g} ms" if others else ""
    return advice(
        f"{_wait(waits[0])}{more} ({subject.setting(answer.run.config, 'batch_size')})",
        [
            f"{answer.label}: {_wait(wait)}, {wait['longest_ms']:.0f} ms at the longest"
            for wait in waits[:SHOWN]
        ],
        answer,
        advice="Hold the lock for less: do what takes long before it is taken or after it is "
        "released, or give each caller its own of what it protects.",
        effort=Effort.MEDIUM,
        priority=Level.MEDIUM,
        risk="What a lock protects is read and written by several threads at once without it.",
        check=command(answer, {"measurement": "profile", "measurement.profiler": "gil"}),
        component="locks",
    )


def _wait(wait: Mapping[str, Any]) -> str:
    """``service.py:12 waits 140 ms a call for a lock with 4 callers``."""
    callers = wait["callers"]
    several = f" with {callers} callers" if callers > 1 else ""
    return f"{wait['place']} waits {wait['wait_ms_per_call']:.0f} ms a call for a lock{several}"


RULE = Rule(name="lock_waits", find=find)

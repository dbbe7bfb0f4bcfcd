"""Loads that could not be made as they were wanted: their figures are the generator's own."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Level
from embprof.measurements.load.findings import load_phrases
from embprof.report import phrases
from embprof.report.rule_findings import gap
from embprof.report.study import Answer, Study
from embprof.units import counted, number

GAP = 5.0
"""Percent of their time that callers of a closed loop lost between calls, from which it counts."""
BUSY = 80.0
"""Percent of a CPU from which a process that only asks others is near its interpreter's limit."""


def find(study: Study) -> Iterator[Finding]:
    """One on open loops that were late, one on callers that were slow."""
    late = [one for one in study.of("open_loop") if one.run.outcomes.get("generator") == "late"]
    if late:
        yield gap(
            f"The load came late in {counted(len(late), 'run')}: response times there are "
            "partly those of the generator",
            [
                f"{phrases.label(answer, load_phrases.load(answer))}: calls that had a caller "
                f"began {number(answer.value('dispatch_lag_p99_ms') or 0.0)} ms late (p99)"
                for answer in late
            ],
            late,
            priority=Level.HIGH,
            check=load_phrases.command(late[0], {}),
        )
    slow = [answer for answer in load_phrases.under_load(study) if _is_slow(answer)]
    if slow:
        yield gap(
            f"The callers were at their own limit in {counted(len(slow), 'run')}: the "
            "service may do more",
            [_evidence(answer) for answer in slow],
            slow,
            priority=Level.MEDIUM,
            check=load_phrases.command(slow[0], {"workload.encoding": "base64"})
            if load_phrases.asks_others(slow[0]) and _could_be_quicker(slow[0])
            else load_phrases.command(slow[0], {}),
        )


def _is_slow(answer: Answer) -> bool:
    cpu, gap = answer.value("cpu_percent") or 0.0, answer.value("caller_gap_percent") or 0.0
    return gap >= GAP or (load_phrases.asks_others(answer) and cpu >= BUSY)


def _could_be_quicker(answer: Answer) -> bool:
    workload = answer.run.config["workload"]
    return bool(workload.get("protocol") == "openai" and workload.get("encoding") == "float")


def _evidence(answer: Answer) -> str:
    gap = answer.value("caller_gap_percent")
    lost = "" if gap is None else f", {gap:.1f} % of callers' time between calls"
    return (
        f"{phrases.label(answer, load_phrases.load(answer))}: worker CPU "
        f"{answer.value('cpu_percent') or 0.0:.0f} % of one{lost}"
    )


RULE = Rule(name="generator", find=find)

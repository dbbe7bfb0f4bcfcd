"""One statement many times within an operation, with other values: N+1.

Each execution is a round trip, whatever it finds; what is fetched row by row can be fetched at
once.
"""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Improvement
from embprof.report import phrases
from embprof.report.rule_findings import advice
from embprof.report.study import Study
from embprof.units import number, percent
from embprof.workloads.sql.findings import operations
from embprof.workloads.sql.findings.operations import LEAST, OperationPlans
from embprof.workloads.sql.statements import patterns
from embprof.workloads.sql.statements.patterns import FEWEST_REPEATS, Repetition
from embprof.workloads.sql.statements.server_words import one_line


def find(study: Study) -> Iterator[Finding]:
    """A finding for each statement that an operation executes five times or more."""
    for one in operations.operation_plans(study):
        for repeated in patterns.repetitions(one.operation):
            spared = repeated.share * (1 - 1 / max(1.0, repeated.executions))
            if repeated.executions >= FEWEST_REPEATS and spared >= LEAST:
                yield _finding(one, repeated, spared)


def _finding(one: OperationPlans, found: Repetition, spared: float) -> Finding:
    names = phrases.join(list(dict.fromkeys(found.statements)))
    times, each = f"{found.executions:,.3g}", number(found.ms / found.executions)
    return advice(
        f"{names} is executed {times} times in one operation, {percent(found.share)} of its "
        f"time ({one.place})",
        (
            one_line(found.sql),
            f"{one.answer.label}: {times} executions of {each} ms each",
            f"together {number(found.ms)} of {number(one.operation['ms'])} ms",
            f"fetched at once, about {percent(spared)} of the time could be spared",
        ),
        one.answer,
        axes=operations.AXES,
        advice="Fetch the rows of all at once: = ANY(:values) in place of = :value, or a join; an "
        "object mapper calls it eager loading.",
        improvement=Improvement(metric="latency_p50_ms", share=spared),
        effort=Effort.MEDIUM,
        priority=operations.priority(spared),
        risk="One statement returns all rows together: more memory at once, and a longer time to "
        "the first of them.",
        check=operations.again(one),
        component=names,
        time_share=found.share,
    )


RULE = Rule(name="repeated_statements", find=find, headline=190)

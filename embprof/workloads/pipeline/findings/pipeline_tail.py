"""Which stage makes the slow calls of a pipeline slow, and what would make that stage quicker."""

from collections.abc import Iterator, Mapping

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.report import phrases
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import advice, fact, gap
from embprof.report.stage_shares import STAGE
from embprof.report.study import Answer, Study
from embprof.units import counted, number, percent
from embprof.workloads.pipeline.figures import OR, OUTCOME, TAIL, UNCLEAR

SEVERE = 1.5
"""Times the median from which a 95th percentile is a tail worth work: above it one call in twenty
takes half as long again. A choice."""
SUGGESTIONS: Mapping[str, str] = {
    "embed": "Embed fewer phrasings of a claim, or collect the claims of several callers in a "
    "batch.",
    "search": "Look at the database: an index that is read from disk, autovacuum, a connection "
    "that has to be made anew.",
    "nli": "Judge fewer passages (search.k), shorter ones (passages differ in length, and a batch "
    "is as long as its longest), or with a smaller cross-encoder.",
    "verdict": "Votes are arithmetic on a few numbers: look for a collector's pause, or for others "
    "on this machine.",
}
CHECKS: Mapping[str, Mapping[str, object]] = {
    "nli": {"workload.search.k": [3, 5], "restarts": RESTARTS}
}


def find(study: Study) -> Iterator[Finding]:
    """A finding for each run that read the stages of its calls."""
    for answer in study.answers:
        tail = answer.run.outcomes.get(OUTCOME)
        if tail == UNCLEAR:
            yield _unclear(answer)
        elif tail is not None:
            yield _bound(answer, tail.split(OR))


def _stages(answer: Answer) -> list[str]:
    """The stages whose times were read call by call, in the order of a call."""
    names = (figure.name for figure in answer.run.figures)
    return [
        name.removeprefix(TAIL).removesuffix("_percent")
        for name in names
        if name.startswith(TAIL) and name.endswith("_percent")
    ]


def _bound(answer: Answer, bounding: list[str]) -> Finding:
    first = bounding[0]
    slow, usual = answer.value("latency_p95_ms"), answer.value("latency_p50_ms")
    ratio = slow / usual if slow and usual else None
    times = "" if not (slow and usual) else f"; p95 {number(slow)} ms, p50 {number(usual)} ms"
    title = f"{phrases.join(bounding, 'or')} bounds p95"
    if (part := answer.estimate(f"{TAIL}{first}_percent")) is not None:
        share = f"{percent(part.value / 100)}{phrases.between(part, '.0f')}"
        title += f": {share} of what the slowest 5 % of calls take beyond the median is of {first}"
    title += f"{times} ({answer.label})"
    if ratio is None or ratio < SEVERE:
        return fact(title, _evidence(answer), answer, component=first)
    return advice(
        title,
        _evidence(answer),
        answer,
        component=first,
        advice=SUGGESTIONS.get(first, "Look at the functions of a profile of it."),
        effort=Effort.MEDIUM,
        priority=Level.MEDIUM,
        risk="Calls that others on the machine made slow are among the slow ones: see the marks.",
        check=command(answer, CHECKS.get(first, {"measurement": "profile"})),
    )


def _unclear(answer: Answer) -> Finding:
    excess = (answer.estimate(f"{TAIL}{stage}_percent") for stage in _stages(answer))
    calls = max((one.n for one in excess if one is not None), default=0)
    return gap(
        f"Which stage bounds p95 cannot be told from {counted(calls, 'slow call')}: none is "
        f"slower in them than all others beyond doubt ({answer.label})",
        _evidence(answer),
        answer,
        check=command(answer, {"max_seconds": 60, "restarts": RESTARTS}),
    )


def _evidence(answer: Answer) -> Iterator[str]:
    """Median and 95th percentile of the call and of its stages, and each stage's part in both."""
    whole = [answer.value(f"latency_{q}_ms") for q in ("p50", "p95")]
    if None not in whole:
        yield f"a call: p50 {number(whole[0] or 0)} ms, p95 {number(whole[1] or 0)} ms"
    for stage in _stages(answer):
        names = (f"{STAGE}{stage}_{one}" for one in ("p50_ms", "p95_ms", "percent"))
        p50, p95, share, part = (
            "n/a" if (value := answer.value(name)) is None else number(value)
            for name in (*names, f"{TAIL}{stage}_percent")
        )
        yield (
            f"{stage}: p50 {p50} ms, p95 {p95} ms; {share} % of all calls, {part} % of what slow "
            "ones take beyond the median"
        )


RULE = Rule(name="pipeline_tail", find=find)

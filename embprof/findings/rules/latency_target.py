"""Whether enough calls were answered in time, and up to which load."""

from __future__ import annotations

from collections.abc import Iterator

from embprof.findings import load, words
from embprof.findings.commands import RESTARTS
from embprof.findings.finding import Finding, Kind, Level
from embprof.findings.study import Answer, Study
from embprof.units import counted

NAME = "latency_target"


def find(study: Study) -> Iterator[Finding]:
    """One on the runs that met or missed each target, one on those that cannot be told."""
    judged = [(answer, load.goodness(answer)) for answer in load.under_load(study)]
    for wanted in dict.fromkeys(
        (answer.measurement, load.target(answer)) for answer, word in judged if word is not None
    ):
        of_it = [
            (answer, word)
            for answer, word in judged
            if word is not None and (answer.measurement, load.target(answer)) == wanted
        ]
        told = [answer for answer, word in of_it if word != "unclear"]
        if told:
            missed = [answer for answer, word in of_it if word == "missed"]
            yield _told(told, missed, wanted[1])
        unclear = [answer for answer, word in of_it if word == "unclear"]
        if unclear:
            yield _unclear(unclear, wanted[1])


def _told(told: list[Answer], missed: list[Answer], wanted: str) -> Finding:
    met = [answer for answer in told if answer not in missed]
    if not missed:
        title = f"{wanted}: met with {words.listed([load.said(answer) for answer in met])}"
    else:
        title = f"{wanted}: missed with {words.listed([load.said(one) for one in missed])}"
        if met:
            title += f", met with {words.listed([load.said(answer) for answer in met])}"
    return Finding(
        rule=NAME,
        kind=Kind.FACT,
        title=title,
        evidence=tuple(
            f"{words.named(answer, load.said(answer))}: {load.good(answer)}" for answer in told
        ),
        runs=load.runs(told),
        priority=Level.HIGH if missed else Level.MEDIUM,
        check=load.command(
            told[0],
            {
                "measurement": "capacity",
                "measurement.latency_target_ms": load.asked(told[0], "latency_target_ms"),
                "measurement.goodput_percent": load.asked(told[0], "goodput_percent"),
            },
        ),
    )


def _unclear(unclear: list[Answer], wanted: str) -> Finding:
    first = unclear[0]
    longer = {"measurement.duration": "5min"} if first.measurement == "open_loop" else {}
    return Finding(
        rule=NAME,
        kind=Kind.GAP,
        title=f"{wanted}: cannot be told of {counted(len(unclear), 'run')}, too few calls",
        evidence=tuple(
            f"{words.named(answer, load.said(answer))}: {load.good(answer)}" for answer in unclear
        ),
        runs=load.runs(unclear),
        priority=Level.MEDIUM,
        check=load.command(first, longer or {"restarts": RESTARTS, "max_seconds": 120}),
    )

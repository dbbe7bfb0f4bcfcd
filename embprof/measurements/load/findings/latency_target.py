"""Whether enough calls were answered in time, and up to which load."""

from __future__ import annotations

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Kind, Level
from embprof.measurements.load.findings import load_phrases
from embprof.report import phrases
from embprof.report.check_command import RESTARTS
from embprof.report.study import Answer, Study
from embprof.units import counted

NAME = "latency_target"


def find(study: Study) -> Iterator[Finding]:
    """One on the runs that met or missed each target, one on those that cannot be told."""
    judged = [(answer, load_phrases.goodness(answer)) for answer in load_phrases.under_load(study)]
    for wanted in dict.fromkeys(
        (answer.measurement, load_phrases.target(answer))
        for answer, word in judged
        if word is not None
    ):
        of_it = [
            (answer, word)
            for answer, word in judged
            if word is not None and (answer.measurement, load_phrases.target(answer)) == wanted
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
        title = (
            f"{wanted}: met with {phrases.listed([load_phrases.said(answer) for answer in met])}"
        )
    else:
        title = (
            f"{wanted}: missed with {phrases.listed([load_phrases.said(one) for one in missed])}"
        )
        if met:
            title += f", met with {phrases.listed([load_phrases.said(answer) for answer in met])}"
    return Finding(
        rule=NAME,
        kind=Kind.FACT,
        title=title,
        evidence=tuple(
            f"{phrases.named(answer, load_phrases.said(answer))}: {load_phrases.good(answer)}"
            for answer in told
        ),
        runs=load_phrases.runs(told),
        priority=Level.HIGH if missed else Level.MEDIUM,
        check=load_phrases.command(
            told[0],
            {
                "measurement": "capacity",
                "measurement.latency_target_ms": load_phrases.asked(told[0], "latency_target_ms"),
                "measurement.goodput_percent": load_phrases.asked(told[0], "goodput_percent"),
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
            f"{phrases.named(answer, load_phrases.said(answer))}: {load_phrases.good(answer)}"
            for answer in unclear
        ),
        runs=load_phrases.runs(unclear),
        priority=Level.MEDIUM,
        check=load_phrases.command(first, longer or {"restarts": RESTARTS, "max_seconds": 120}),
    )


RULE = Rule(name=NAME, find=find, headline=50)

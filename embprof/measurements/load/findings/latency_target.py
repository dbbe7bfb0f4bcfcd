"""Whether enough calls were answered in time, and up to which load."""

from __future__ import annotations

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Level
from embprof.measurements.load.findings import load_phrases
from embprof.report import phrases
from embprof.report.check_command import RESTARTS
from embprof.report.rule_findings import fact, gap
from embprof.report.study import Answer, Study
from embprof.units import counted


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
            yield _verdict(told, missed, wanted[1])
        unclear = [answer for answer, word in of_it if word == "unclear"]
        if unclear:
            yield _unclear(unclear, wanted[1])


def _verdict(told: list[Answer], missed: list[Answer], wanted: str) -> Finding:
    met = [answer for answer in told if answer not in missed]
    loads = [
        f"{word} with {phrases.listed([load_phrases.load(answer) for answer in found])}"
        for word, found in (("missed", missed), ("met", met))
        if found
    ]
    return fact(
        f"{wanted}: {', '.join(loads)}",
        map(load_phrases.evidence, told),
        told,
        priority=Level.HIGH if missed else Level.MEDIUM,
        check=load_phrases.command(
            told[0],
            {
                "measurement": "capacity",
                "measurement.latency_target_ms": load_phrases.parameter(
                    told[0], "latency_target_ms"
                ),
                "measurement.goodput_percent": load_phrases.parameter(told[0], "goodput_percent"),
            },
        ),
    )


def _unclear(unclear: list[Answer], wanted: str) -> Finding:
    first = unclear[0]
    longer = {"measurement.duration": "5min"} if first.measurement == "open_loop" else {}
    return gap(
        f"{wanted}: cannot be told of {counted(len(unclear), 'run')}, too few calls",
        map(load_phrases.evidence, unclear),
        unclear,
        priority=Level.MEDIUM,
        check=load_phrases.command(first, longer or {"restarts": RESTARTS, "max_seconds": 120}),
    )


RULE = Rule(name="latency_target", find=find, headline=50)

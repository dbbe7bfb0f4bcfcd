"""How much longer a start takes of which nothing is in memory."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.report import phrases
from embprof.report.change import change
from embprof.report.check_command import command
from embprof.report.rule_findings import compared, gap
from embprof.report.study import Answer, Study
from embprof.units import number

TOTAL = "total_load_s"


def find(study: Study) -> Iterator[Finding]:
    """Cold against warm where both were measured; cold starts that were not cold."""
    for series in study.series("measurement.start", "load_time"):
        by_start = dict(zip(series.values, series.answers, strict=True))
        if "warm" in by_start and "cold" in by_start:
            yield from _compared(by_start["warm"], by_start["cold"])
    for answer in study.of("load_time"):
        if answer.run.outcomes.get("start") == "not_cold":
            yield _not_cold(answer)


def _compared(warm: Answer, cold: Answer) -> Iterator[Finding]:
    found = change(cold, warm, TOTAL)
    if found is None or cold.run.outcomes.get("start") != "cold":
        return
    totals = [phrases.bounded(answer.estimate(TOTAL), "s") for answer in (warm, cold)]
    seconds = [number(answer.value(TOTAL) or 0.0) for answer in (warm, cold)]
    read = cold.value("disk_read_mb")
    evidence = [f"warm: {totals[0]} ({warm.label})", f"cold: {totals[1]} ({cold.label})"]
    if read is not None:
        evidence.append(f"a cold start reads {read:,.0f} MB from disk")
    evidence.append(f"warm instead of cold: {phrases.gain(found.improvement)} less")
    evidence += found.notes
    starts = {"measurement": "load_time", "measurement.start": ["warm", "cold"], "restarts": 5}
    yield compared(
        found,
        f"After a boot a start takes {seconds[1]} s, "
        f"{phrases.times(phrases.inverse(found.ratio))} a warm one of {seconds[0]} s",
        f"Cold and warm starts cannot be told apart: {seconds[1]} and {seconds[0]} s",
        evidence,
        found.answers,
        advice="Where instances come up on fresh machines, read libraries and weights before the "
        "start (vmtouch, a warm image), or leave out what is not used.",
        axes=("measurement.start",),
        effort=Effort.MEDIUM,
        priority=Level.LOW,
        risk="Restarts on a machine that ran the service are warm anyway, and gain nothing.",
        check=command(cold, starts),
    )


def _not_cold(answer: Answer) -> Finding:
    reason = answer.run.description.get("not_cold", "parts of it stayed in memory")
    return gap(
        f"A start that was to be cold was not: {reason}",
        f"{answer.label}: outcome not_cold",
        answer,
        check=command(answer, {"measurement": "load_time", "measurement.start": "cold"}),
    )


RULE = Rule(name="cold_start", find=find, headline=160)

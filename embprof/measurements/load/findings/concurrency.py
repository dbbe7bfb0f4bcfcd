"""How many callers at once give the most, and from how many on they only wait for each other."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.measurements.load.findings import load_phrases
from embprof.report import phrases
from embprof.report.change import Change
from embprof.report.check_command import RESTARTS
from embprof.report.ranking import LITTLE, Ranking, rank
from embprof.report.rule_findings import advice, gap
from embprof.report.study import Answer, Study
from embprof.units import number

AXIS, MEASUREMENT = "measurement.concurrency", "closed_loop"
LONGER = 60
"""Seconds of measuring where the usual 30 were not enough."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each series of callers at once."""
    for measured in study.series(AXIS, MEASUREMENT):
        ranking = rank(measured)
        if ranking is None:
            continue
        series = ranking.series
        last = len(series.values) - 1
        rising = ranking.change(last - 1, last)
        if ranking.knee == last and rising is not None and rising.is_better:
            yield _rising(ranking, rising)
        elif ranking.knee < last and _is_enough(ranking):
            yield _saturated(ranking)
        else:
            yield _unknown(ranking)


def _is_enough(ranking: Ranking) -> bool:
    """Whether the interval rules out that many more callers get much more."""
    found = ranking.change(ranking.knee, ranking.best) if ranking.knee != ranking.best else None
    if ranking.best in ranking.unbounded or found is None:
        return ranking.best not in ranking.unbounded
    return found.improvement.high is not None and found.improvement.high <= LITTLE


def _beside_best(ranking: Ranking) -> str:
    """How much more the most is, with its interval."""
    if ranking.knee == ranking.best:
        return ", the most of those measured"
    found = ranking.change(ranking.knee, ranking.best)
    gain = "" if found is None else phrases.more(found.improvement)
    return f"; {ranking.value(ranking.best)} {'get' if gain else 'at once'} {gain}".rstrip()


def _saturated(ranking: Ranking) -> Finding:
    knee, series = ranking.answer(ranking.knee), ranking.series
    callers, largest = ranking.value(ranking.knee), series.values[-1]
    return advice(
        f"{load_phrases.callers(callers)} at once {'gets' if callers == 1 else 'get'} "
        f"{phrases.rate(knee)}{_beside_best(ranking)}{phrases.of(series)}",
        (*_evidence(ranking), *_waiting(knee, series.answers[-1], callers, largest)),
        series.answers,
        advice=f"Let at most {callers} at a time reach it, and queue the others before it: more at "
        "once only wait there.",
        effort=Effort.QUICK,
        axes=(AXIS,),
        priority=Level.MEDIUM,
        risk="Callers that wait for answers show no bursts: measurement=open_loop does.",
        check=load_phrases.command(
            knee, {"measurement": MEASUREMENT, AXIS: (callers, largest), "restarts": RESTARTS}
        ),
    )


def _rising(ranking: Ranking, rising: Change) -> Finding:
    series = ranking.series
    most = int(series.values[-1])
    return gap(
        f"Throughput still rises at {most} callers at once: "
        f"{phrases.more(rising.improvement)} than with "
        f"{series.values[-2]}{phrases.of(series)}",
        (*_evidence(ranking), *rising.notes),
        series.answers,
        axes=(AXIS,),
        priority=Level.MEDIUM,
        check=load_phrases.command(
            series.answers[-1], {"measurement": MEASUREMENT, AXIS: (most, 2 * most, 4 * most)}
        ),
    )


def _unknown(ranking: Ranking) -> Finding:
    series = ranking.series
    return gap(
        f"From how many callers on throughput no longer rises cannot be told{phrases.of(series)}",
        _evidence(ranking),
        series.answers,
        axes=(AXIS,),
        priority=Level.MEDIUM,
        check=load_phrases.command(
            series.answers[-1],
            {
                "measurement": MEASUREMENT,
                AXIS: series.values,
                "restarts": RESTARTS,
                "max_seconds": LONGER,
            },
        ),
    )


def _evidence(ranking: Ranking) -> Iterator[str]:
    for value, answer in zip(ranking.series.values, ranking.series.answers, strict=True):
        p95 = answer.value("latency_p95_ms")
        took = "" if p95 is None else f", p95 {number(p95)} ms"
        yield f"{phrases.run_line(answer, f'{value} at once')}{took}"


def _waiting(knee: Answer, last: Answer, callers: object, largest: object) -> Iterator[str]:
    """What the callers beyond the knee wait, by Little's law and as it was measured."""
    before, after = knee.value("latency_p50_ms"), last.value("latency_p50_ms")
    if before is not None and after is not None:
        yield (
            f"a call takes {number(after)} ms (p50) with {largest} at once, and {number(before)} "
            f"with {callers}"
        )


RULE = Rule(name="concurrency", find=find, headline=30)

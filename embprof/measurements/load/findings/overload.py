"""Rates that a server cannot do, and rates that it could if more callers were let to it."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Level
from embprof.measurements.load.findings import load_phrases
from embprof.report import phrases
from embprof.report.rule_findings import fact, gap
from embprof.report.study import Answer, Study
from embprof.units import number

USUAL_TARGET = 200
"""Milliseconds, for the command that looks for a rate where no target was given."""
AXIS = load_phrases.AXES["open_loop"]
P95 = "response_p95_ms"
WAITED = 1.0
"""Percent of calls that waited for a caller, from which the pool counts for something."""


def find(study: Study) -> Iterator[Finding]:
    """One on overloaded runs, one for each pool that kept callers waiting."""
    every = study.of("open_loop")
    over = [answer for answer in every if answer.run.outcomes.get("load") == "overloaded"]
    if over:
        yield _overloaded(over, every)
    kept = [answer for answer in every if answer.run.outcomes.get("load") == "kept"]
    if len(kept) > 1 and not over:
        yield _kept(kept)
    for answer in every:
        waited = answer.value("waited_percent") or 0.0
        if answer not in over and waited >= WAITED:
            yield _pool(answer, waited)


def _kept(kept: list[Answer]) -> Finding:
    """No rate was too high."""
    ordered = sorted(kept, key=_rate)
    most = ordered[-1]
    waits = [phrases.bounded(one.estimate(P95), "ms") for one in (ordered[0], most)]
    took = (
        ""
        if None in (ordered[0].value(P95), most.value(P95))
        else (f"; response p95 {waits[1]} there, {waits[0]} at {load_phrases.load(ordered[0])}")
    )
    return fact(
        f"Calls were answered as they came at every rate up to {load_phrases.load(most)}{took}",
        [_answered(answer) for answer in ordered],
        ordered,
        axes=(AXIS,),
        check=load_phrases.command(most, {AXIS: [2 * _rate(most), 4 * _rate(most)]}),
    )


def _rate(answer: Answer) -> float:
    return float(load_phrases.parameter(answer, "rate"))


def _answered(answer: Answer) -> str:
    p95 = phrases.bounded(answer.estimate(P95), "ms")
    return f"{phrases.label(answer, load_phrases.load(answer))}: response p95 {p95}"


def _overloaded(over: list[Answer], every: list[Answer]) -> Finding:
    least = min(over, key=_rate)
    below = [one for one in every if one not in over and _rate(one) < _rate(least)]
    kept = ""
    if below:
        kept = f"; at {load_phrases.load(max(below, key=_rate))} they are answered as they come"
    answered = least.value("answered_calls_per_s") or 0.0
    within = load_phrases.parameter(least, "latency_target_ms") or USUAL_TARGET
    return fact(
        f"At {load_phrases.load(least)} calls pile up: {number(answered)} a second were answered"
        f"{kept}",
        [*map(_evidence, over), *map(_answered, below)],
        [*over, *below],
        axes=(AXIS,) if len(every) > 1 else (),
        priority=Level.HIGH,
        check=load_phrases.command(
            least, {"measurement": "capacity", "measurement.latency_target_ms": within}
        ),
    )


def _evidence(answer: Answer) -> str:
    most = answer.value("in_system_max") or 0.0
    return (
        f"{phrases.label(answer, load_phrases.load(answer))}: {most:,.0f} calls in the system at "
        "most, growing; response times say how long was measured and nothing else"
    )


def _pool(answer: Answer, waited: float) -> Finding:
    pool = int(load_phrases.parameter(answer, "max_in_flight"))
    p95, service = (
        number(answer.value(f"{name}_p95_ms") or 0.0) for name in ("response", "latency")
    )
    return gap(
        f"{waited:.2g} % of calls waited because all {pool} callers were in calls, though "
        f"the server kept up with {load_phrases.load(answer)}",
        f"{answer.label}: response p95 {p95} ms, service p95 {service} ms",
        answer,
        priority=Level.MEDIUM,
        check=load_phrases.command(answer, {"measurement.max_in_flight": (pool, 4 * pool)}),
    )


RULE = Rule(name="overload", find=find, headline=40)

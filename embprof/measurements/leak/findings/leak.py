"""What the measurement of leaks found, and what to do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from embprof.config import subject
from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.report import phrases
from embprof.report.check_command import command
from embprof.report.rule_findings import advice, fact, gap
from embprof.report.study import Answer, Study
from embprof.units import duration, number

SLOPES = {"leak_slope_bytes_per_call": "", "leak_gpu_slope_bytes_per_call": " on the GPU"}
PLACES_SHOWN = 3
MORE_CALLS = 4000
HOUR = 3600


def find(study: Study) -> Iterator[Finding]:
    """A finding for each run that looked for leaks."""
    axes = study.swept("leak")  # each run answers for itself
    for answer in study.of("leak"):
        word = answer.run.outcomes.get("leak")
        if word == "leak":
            yield replace(_leak(answer, list(_places(study, answer))), axes=axes)
        elif word == "growth_unproven":
            yield replace(_unproven(answer), axes=axes)
        elif word == "no_leak":
            title = f"No leak was found{_batch(answer)}"
            yield fact(title, _evidence(answer), answer, axes=axes)


def _leak(answer: Answer, places: Sequence[str]) -> Finding:
    estimates = (answer.estimate(name) for name in SLOPES)
    slope = next((phrases.bounded(one, "bytes") for one in estimates if one is not None), None)
    hours, calls = answer.value("leak_time_to_limit_h"), answer.value("leak_calls_to_limit")
    title = "Memory leaks" + ("" if slope is None else f": {slope} a call")
    if places:
        title += f", most of them left by {places[0].partition(' (')[0]}"
    if hours is not None:
        title += f"; what was free is used up after {duration(hours * HOUR)} of calls"
    elif calls is not None:
        title += f"; what was free is used up after {number(calls)} calls"
    return advice(
        f"{title}{_batch(answer)}",
        (*_evidence(answer), *(f"left by {place}" for place in places)),
        answer,
        advice=f"Find out who keeps what {places[0]} allocates."
        if places
        else "Find out who keeps what each call leaves; memray shows where it is allocated.",
        effort=Effort.MEDIUM,
        priority=Level.HIGH,
        risk="Restarting the service now and then hides a leak and does not mend it.",
        check=command(answer, {"measurement": "leak"}),
        component="memory",
    )


def _unproven(answer: Answer) -> Finding:
    reason = answer.run.outcomes.get("leak_reason", "it may be a cache that fills")
    return gap(
        f"Memory grew, and whether it leaks was not shown: {reason}{_batch(answer)}",
        _evidence(answer),
        answer,
        priority=Level.MEDIUM,
        check=command(answer, {"measurement": "leak", "iterations": MORE_CALLS}),
    )


def _evidence(answer: Answer) -> Iterator[str]:
    reason = answer.run.outcomes.get("leak_reason")
    word = str(answer.run.outcomes.get("leak")).replace("_", " ")
    yield f"{answer.label}: {word}{f', {reason}' if reason else ''}"
    for name, where in SLOPES.items():
        estimate = answer.estimate(name)
        if estimate is not None and (bounds := estimate.bounds) is not None:
            yield (
                f"{number(estimate.value)} bytes a call{where} ({number(bounds[0])} to "
                f"{number(bounds[1])}, {100 * estimate.confidence:g} %)"
            )


def _places(study: Study, answer: Answer) -> Iterator[str]:
    """Lines of code that left most behind, where that was looked for."""
    located = study.companion(answer, "leak_place")
    rows = located.rows("leak_places.json") if located is not None else []
    for row in rows[:PLACES_SHOWN]:
        place = f"{row['file']}:{row['line']} in {row['function']}"
        yield f"{place} ({number(row['bytes_a_call'])} bytes a call)"


def _batch(answer: Answer) -> str:
    """Which of several runs it is: by its batch, or by its workload if that is third-party."""
    return f" ({subject.setting(answer.run.config, 'batch_size')})"


RULE = Rule(name="leak", find=find, headline=140, gap_answers=True)

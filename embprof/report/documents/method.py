"""How the figures of a study were got, and what happened meanwhile."""

from collections import Counter
from collections.abc import Iterator, Sequence

from embprof.report.study import Answer, Study
from embprof.units import counted, duration

STOPS = {
    "precise": "the interval was as narrow as asked",
    "iterations": "all calls that were asked for were made",
    "max_seconds": "time was up",
    "decided": "it was known how a row stands beside the others",
    "duration": "it had gone on for as long as asked",
}
ROWS_NAMED = 8


def lines(study: Study) -> list[str]:
    """Method, restarts, why measuring ended, marks, line by line."""
    answers = study.answers
    kinds = Counter(answer.measurement for answer in answers)
    methods = {answer.measurement: answer.account.method for answer in answers}
    found = [
        f"{kind} ({counted(count, 'run')}): {methods[kind]}"
        for kind, count in kinds.items()
        if methods[kind]
    ]
    found += _protocol(answers)
    found += _stops(answers)
    if answers and not any(answer.run.stamps for answer in answers):
        found.append("No run has a mark: nothing was seen to disturb them.")
    for run in (answer.run for answer in study.failed):
        ending = f"{run.status.value.replace('_', ' ')}, {run.reason or 'no reason given'}"
        found.append(f"#{run.number} has no figures here: {ending}.")
    return found


def _protocol(answers: Sequence[Answer]) -> Iterator[str]:
    restarts = Counter(answer.run.config.get("restarts", 1) for answer in answers)
    if restarts:
        counts = ("1 process" if n == 1 else f"{n} processes" for n in sorted(restarts))
        yield f"Each run: {' or '.join(counts)}. Warm-up is left out of every figure."
    bases = dict.fromkeys(
        figure.estimate.basis
        for answer in answers
        for figure in answer.run.figures[:1]
        if figure.estimate is not None and figure.estimate.low is not None
    )
    if bases:
        yield f"Intervals hold at 95 %; they rest on {'; '.join(bases)}."
    spent = sum(answer.run.seconds.get("measured", 0.0) for answer in answers)
    yield f"Measured for {duration(spent)} in all."


def _stops(answers: Sequence[Answer]) -> Iterator[str]:
    stops = Counter(answer.run.stop for answer in answers if answer.run.stop is not None)
    if stops:
        reasons = (f"{STOPS.get(stop, stop)} ({counted(n, 'run')})" for stop, n in stops.items())
        yield f"Measuring ended because {'; '.join(reasons)}."
    if unsteady := [answer.label for answer in answers if answer.run.steady is False]:
        more = f" and {len(unsteady) - ROWS_NAMED} more" if len(unsteady) > ROWS_NAMED else ""
        yield f"Without a steady state after warming up: {', '.join(unsteady[:ROWS_NAMED])}{more}."

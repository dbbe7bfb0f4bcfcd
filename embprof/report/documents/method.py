"""How the figures of a study were got, and what happened meanwhile."""

from collections import Counter
from collections.abc import Iterator, Sequence

from embprof.model import Status
from embprof.report.study import Answer, Study
from embprof.units import counted, duration

STOPS = {
    "precise": "the interval was as narrow as asked",
    "iterations": "all calls that were asked for were made",
    "max_seconds": "time was up",
    "duration": "it had gone on for as long as asked",
}
ROWS_NAMED = 8


def lines(study: Study) -> list[str]:
    """Method, restarts, why measuring ended, marks; a line each."""
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
    found += _undisturbed(answers)
    found += _failures(study)
    return found


def _protocol(answers: Sequence[Answer]) -> Iterator[str]:
    restarts = Counter(answer.run.config.get("restarts", 1) for answer in answers)
    if restarts:
        said = " or ".join("1 process" if n == 1 else f"{n} processes" for n in sorted(restarts))
        yield f"Each run: {said}. Warm-up is left out of every figure."
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
        said = (f"{STOPS.get(stop, stop)} ({counted(n, 'run')})" for stop, n in stops.items())
        yield f"Measuring ended because {'; '.join(said)}."
    unsteady = _numbers(a for a in answers if a.run.steady is False)
    if unsteady:
        yield f"Without a steady state after warming up: {unsteady}."


def _undisturbed(answers: Sequence[Answer]) -> Iterator[str]:
    if answers and not any(answer.run.stamps for answer in answers):
        yield "No run has a mark: nothing was seen to disturb them."


def _failures(study: Study) -> Iterator[str]:
    for answer in study.failed:
        run = answer.run
        if run.status is not Status.OK:
            said = run.status.value.replace("_", " ")
            yield f"#{run.number} has no figures here: {said}, {run.reason or 'no reason given'}."


def _numbers(answers: Sequence[Answer] | Iterator[Answer]) -> str:
    named = [f"#{answer.run.number}" for answer in answers]
    more = f" and {len(named) - ROWS_NAMED} more" if len(named) > ROWS_NAMED else ""
    return ", ".join(named[:ROWS_NAMED]) + more

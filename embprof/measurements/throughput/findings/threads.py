"""How many compute threads, and whether they may spin while they wait."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.report import phrases
from embprof.report.change import Change, marks
from embprof.report.check_command import RESTARTS, command
from embprof.report.ranking import Ranking, rank
from embprof.report.rule_findings import advice, compared
from embprof.report.study import Answer, Series, Study
from embprof.units import counted

SERVICE = {
    "threads": "Start the service with OMP_NUM_THREADS={} (or torch.set_num_threads).",
    "wait_policy": "Start the service with OMP_WAIT_POLICY={}.",
}

PASSIVE = (
    "Where CPUs are shared, start the service with OMP_WAIT_POLICY=PASSIVE, or with one thread in "
    "each of several processes; measure both."
)
MARKED: Mapping[str, tuple[str, str, Mapping[str, object]]] = {
    "T": (
        "had more compute threads than CPUs",
        "Use one thread a CPU at most: at each barrier all wait for the last.",
        {"threads": None},
    ),
    "A": (
        "ran with threads that spin while they wait, beside others that used the CPUs",
        PASSIVE,
        {"wait_policy": ["passive", "default"]},
    ),
}
"""By mark: what runs did, what to do, what to compare. Source of the tenth and of the advice:
docs/explanation/threads.md."""


def find(study: Study) -> Iterator[Finding]:
    """What was compared; and what marks of runs say."""
    for axis in SERVICE:
        for series in study.series(axis):
            ranking = rank(_distinct(series))
            if ranking is not None:
                yield from _compared(ranking)
    yield from _marked(study)


def _distinct(series: Series) -> Series:
    """Without the run that left the key out, where another set the value that it got."""
    used = [_value(answer, series.axis) for answer in series.answers]
    kept = [at for at, value in enumerate(used) if value not in used[:at]]
    return replace(
        series,
        values=tuple(series.values[at] for at in kept),
        answers=tuple(series.answers[at] for at in kept),
    )


def _compared(ranking: Ranking) -> Iterator[Finding]:
    """The best against the worst, where they can be told apart; else the fewest threads."""
    series = ranking.series
    axis = series.axis
    worst = ranking.slowest
    found = ranking.change(worst, ranking.best)
    if found is None:
        return
    best, least = ranking.answer(ranking.best), ranking.answer(worst)
    names = _value(least, axis), _value(best, axis)
    alike = [_value(ranking.answer(number), axis) for number in ranking.alike]
    evidence = (
        *(phrases.run_line(one, f"{axis}={_value(one, axis)}") for one in series.answers),
        f"from {axis}={names[0]} to {names[1]}: {phrases.more(found.improvement)}",
        *([f"not told from the best: {phrases.join(alike)}"] if alike else []),
        *found.notes,
    )
    yield compared(
        found,
        f"{axis}={names[1]} gives {phrases.gain(found.improvement)} more throughput than "
        f"{axis}={names[0]}: {phrases.rates(found)}{_beside(alike)}{phrases.of(series)}",
        f"{axis}={phrases.join([_value(one, axis) for one in series.answers])} cannot "
        f"be told apart: {_span(found)}{phrases.of(series)}",
        evidence,
        series.answers,
        advice=SERVICE[axis].format(str(names[1]).upper() if axis == "wait_policy" else names[1]),
        effort=Effort.QUICK,
        axes=(axis,),
        risk="Where the service shares its CPUs with others, measure beside them: spinning threads "
        "and more threads than free CPUs then cost most.",
        check=command(best, {axis: series.values, "restarts": RESTARTS}),
    )


def _span(found: Change) -> str:
    """From the least to the most throughput, and how far apart that is."""
    if found.pair is not None:
        return phrases.rates(found)
    return (
        f"{phrases.per_second(found.before)} to {phrases.speed(found.after)}, a difference of "
        f"{phrases.gain(found.improvement)}"
    )


def _beside(alike: list[object]) -> str:
    return f"; not told from {phrases.join(alike)}" if alike else ""


def _marked(study: Study) -> Iterator[Finding]:
    """Runs with more threads than CPUs, and runs whose threads spun beside others."""
    for mark, (title, remedy, changes) in MARKED.items():
        timed = [*study.of("throughput"), *study.of("profile")]
        found = [answer for answer in timed if mark in marks(answer)]
        if found:
            yield advice(
                f"{len(found)} of {counted(len(timed), 'run')} {title}",
                _details(found, mark),
                found,
                advice=remedy,
                effort=Effort.QUICK,
                priority=Level.MEDIUM,
                risk="Alone on a machine, spinning threads are faster by about a tenth.",
                check=command(found[0], {**changes, "restarts": RESTARTS}),
            )


def _details(found: list[Answer], mark: str) -> Iterator[str]:
    for answer in found[: phrases.NAMED]:
        details = [stamp.detail for stamp in answer.run.stamps if stamp.mark in (mark, "B")]
        yield f"{answer.label}: {', '.join(details)}"


def _value(answer: Answer, axis: str) -> object:
    """The value of the axis; where none was set, the one that was used."""
    setting = answer.run.config.get(axis)
    return answer.run.description.get(axis) if setting is None else setting


RULE = Rule(name="threads", find=find)

"""Which value of what was swept is best, where no rule of a subject answers that."""

from collections.abc import Iterator, Sequence

from embprof.config.question import ARGUMENTS
from embprof.interface.finding import Finding, Kind, Level
from embprof.interface.subjects import workload_of
from embprof.model import Figure
from embprof.report import phrases, race_phrases
from embprof.report.change import Change, rate_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.ranking import LITTLE, Ranking, rank
from embprof.report.rule_findings import finding
from embprof.report.study import Answer, Series, Study, labels
from embprof.units import with_unit

NAME = "compared_values"


def find(study: Study, others: Sequence[Finding]) -> Iterator[Finding]:
    """A finding for each series of values of which no other finding weighs them."""
    for measurement in dict.fromkeys(answer.measurement for answer in study.answers):
        for series in _series(study, measurement):
            if not any(_weighs(one, series) for one in others):
                found = _of(series)
                if found is not None:
                    yield found


def _series(study: Study, measurement: str) -> Iterator[Series]:
    """Along each key that was swept; all runs in one where nothing else differs in one key."""
    axes = study.swept(measurement)
    along = [series for axis in axes for series in study.series(axis, measurement)]
    yield from along
    answers = tuple(study.of(measurement))
    if axes and not along and len(answers) > 1:
        names = tuple(labels(answers))
        if len(set(names)) == len(names):
            yield Series(
                axis=", ".join(axes),
                measurement=measurement,
                fixed={},
                values=names,
                answers=answers,
            )


def _weighs(other: Finding, series: Series) -> bool:
    ids = {answer.run.run_id for answer in series.answers}
    return series.axis in other.axes and not ids.isdisjoint(other.runs)


def _of(series: Series) -> Finding | None:
    """What can be told of the first figure that all of them have."""
    figure = series.answers[0].run.primary
    if figure is None:
        return None
    ranking = rank(series, figure.name)
    if ranking is None:
        return None
    if (
        ranking.best in ranking.unbounded
        or len(ranking.unbounded) >= len(ranking.series.values) - 1
    ):
        return _unbounded(ranking, figure)
    told = [at for at in _others(ranking) if at not in (*ranking.alike, *ranking.unbounded)]
    return _best(ranking, figure, told) if told else _alike(ranking, figure)


def _best(ranking: Ranking, figure: Figure, told: Sequence[int]) -> Finding:
    """One value, or some, are better than the others."""
    best = ranking.best
    most = "highest" if figure.better == "higher" else "lowest"
    what = _what(ranking, figure)
    nearest = min(told, key=lambda at: abs(_share(ranking, at)))
    farthest = max(told, key=lambda at: abs(_share(ranking, at)))
    beaten = [f"{_gain(ranking, nearest, figure)} than with {_name(ranking, nearest)}"]
    if farthest != nearest:
        beaten.append(f"{_gain(ranking, farthest, figure)} than with {_name(ranking, farthest)}")
    alike = [_name(ranking, at) for at in ranking.alike]
    beside = f", not told from {phrases.join(alike)}" if alike else ""
    if ranking.race is not None:
        slower = [_takes(ranking, at) for at in dict.fromkeys((nearest, farthest))]
        title = f"{_name(ranking, best)} is {_first(ranking)}{beside}: {' and '.join(slower)}"
        return _finding(Kind.FACT, title, ranking, figure)
    title = (
        f"{_name(ranking, best)} has the {most} {what}{beside}: "
        f"{_value(ranking.answer(best), figure)}, {' and '.join(beaten)}"
    )
    return _finding(Kind.FACT, title, ranking, figure)


def _alike(ranking: Ranking, figure: Figure) -> Finding:
    """None can be told from the best: truly alike, or only badly known."""
    series = ranking.series
    known = [found for at in ranking.alike if (found := ranking.change(at, ranking.best))]
    high = max((found.improvement.high or 0.0 for found in known), default=0.0)
    is_near = bool(known) and high <= LITTLE
    what = _what(ranking, figure)
    values = phrases.join([_value_of(ranking, at) for at in range(len(series.values))])
    title = f"Which {_axis(series)} is best cannot be told by {what}: {values}"
    if is_near:
        title = (
            f"{_axis(series)} makes no difference of more than {100 * high:.0f} % to {what}: "
            f"{values}"
        )
    kind = Kind.FACT if is_near else Kind.GAP
    return _finding(kind, f"{title}; {_with_best_value(ranking, figure)}", ranking, figure)


def _unbounded(ranking: Ranking, figure: Figure) -> Finding:
    without = phrases.join([_value_of(ranking, at) for at in ranking.unbounded])
    title = (
        f"Which {_axis(ranking.series)} is best cannot be told by {_what(ranking, figure)}: that "
        f"of {without} has no interval; {_with_best_value(ranking, figure)}"
    )
    return _finding(Kind.GAP, title, ranking, figure)


def _first(ranking: Ranking) -> str:
    """``fastest`` where the figure is a throughput, else ``best``."""
    is_rate = ranking.metric == rate_of(ranking.answer(ranking.best))
    return ranking.first if is_rate else ranking.first.replace("fastest", "best")


def _takes(ranking: Ranking, at: int) -> str:
    """``threads=1 takes 4.0 % more (2 to 6 %) time per text``, beside the best."""
    found = ranking.change(ranking.best, at)
    return f"{_name(ranking, at)} {'' if found is None else race_phrases.takes(found)}".strip()


def _with_best_value(ranking: Ranking, figure: Figure) -> str:
    if ranking.race is not None:
        return f"{_name(ranking, ranking.best)} is {_first(ranking)}"
    value = _value(ranking.answer(ranking.best), figure)
    return f"{_name(ranking, ranking.best)} has the best value, {value}"


def _finding(kind: Kind, title: str, ranking: Ranking, figure: Figure) -> Finding:
    """One on this ranking, with what was left out and what the runs share."""
    series = ranking.series
    return finding(
        kind,
        f"{title}{_left_out(ranking)}{phrases.of(series)}",
        _evidence(ranking, figure),
        series.answers,
        priority=Level.MEDIUM,
        axes=(series.axis,),
        check=_check(ranking),
    )


def _others(ranking: Ranking) -> list[int]:
    """The positions beside the best that have the figure."""
    answers = enumerate(ranking.series.answers)
    return [
        at
        for at, answer in answers
        if at != ranking.best and answer.estimate(ranking.metric) is not None
    ]


def _share(ranking: Ranking, at: int) -> float:
    found = ranking.change(at, ranking.best)
    return 0.0 if found is None else found.improvement.share


def _gain(ranking: Ranking, at: int, figure: Figure) -> str:
    """``35 % (30 to 40 %) more``, ``3.1 times (2.9 to 3.3)`` of a rate, ``12 % (..) less``."""
    found: Change | None = ranking.change(at, ranking.best)
    if found is None:
        return "better"
    word = "more" if figure.better == "higher" else "less"
    return f"{phrases.gain(found.improvement)} {word}"


def _evidence(ranking: Ranking, figure: Figure) -> Iterator[str]:
    for at, answer in enumerate(ranking.series.answers):
        yield f"{phrases.label(answer, _name(ranking, at))}: {_value(answer, figure)}"
    notes: dict[str, None] = {}
    for at in _others(ranking):
        if (found := ranking.change(at, ranking.best)) is not None:
            notes |= dict.fromkeys(found.notes)
            if found.pair is not None:
                yield f"{_takes(ranking, at)} than {_name(ranking, ranking.best)}"
                continue
            yield (
                f"{_name(ranking, ranking.best)} over {_name(ranking, at)}: "
                f"better by {phrases.gain(found.improvement)}"
            )
    yield from notes


def _left_out(ranking: Ranking) -> str:
    if not ranking.left_out:
        return ""
    return f"; {phrases.join(list(ranking.left_out))} left out, which miss what else is wanted"


def _what(ranking: Ranking, figure: Figure) -> str:
    """What the figure is called in a sentence."""
    answer = ranking.answer(ranking.best)
    if figure.name == rate_of(answer):
        return "rate"
    label = answer.account.label.removeprefix("The ")
    return f"{label[:1].lower()}{label[1:]}" or with_unit(figure.name, figure.unit)


def _value(answer: Answer, figure: Figure) -> str:
    return phrases.bounded(answer.estimate(figure.name), figure.unit)


def _axis(series: Series) -> str:
    return series.axis.removeprefix(ARGUMENTS)


def _value_of(ranking: Ranking, at: int) -> str:
    value = ranking.series.values[at]
    return "null" if value is None else str(value)


def _name(ranking: Ranking, at: int) -> str:
    """``threads=2``; of runs that differ in several keys their own words."""
    if ", " in ranking.series.axis or not ranking.series.question:
        return _value_of(ranking, at)
    return f"{_axis(ranking.series)}={_value_of(ranking, at)}"


def _check(ranking: Ranking) -> str | None:
    """All values in several processes, where the protocol is the general one."""
    series, answer = ranking.series, ranking.answer(ranking.best)
    if not series.question or workload_of(answer.run.config).target == "":
        return None
    key = next(
        (line.partition("=")[0] for line in answer.run.overrides if _is_of(line, series.axis)),
        None,
    )
    if key is None:
        return None
    changes: dict[str, object] = {key: list(series.values)}
    return command(answer, {**changes, "restarts": RESTARTS})


def _is_of(line: str, axis: str) -> bool:
    return line.partition("=")[0].lstrip("+~") == axis

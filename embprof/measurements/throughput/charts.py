"""Throughput against batch size and text length, and by device, model and other names.

Beside it the service time of a call against batch size: what a larger batch costs who waits for it.
"""

from collections.abc import Iterator, Sequence

from embprof.interface.chart import Axis, Bars, Chart, Curve
from embprof.model import Comparison
from embprof.report import phrases
from embprof.report.change import items_of, rate_of, rate_value, throughput, unit_of_length
from embprof.report.charts import along
from embprof.report.ranking import Ranking, rank
from embprof.report.study import Answer, Series, Study
from embprof.units import number

INTERVALS = "Bars at the points are 95 % intervals; a point without one had too few calls."
NUMBERS = {"batch_size": "batch size", "text_length": "text length", "threads": "compute threads"}
"""Axes that are numbers, as pictures name them."""
WORDS = ("device", "model", "backend", "wait_policy", "truncation", "normalize", "corpus")
"""Axes that are names."""
MOST_BARS = 16


def draw(study: Study) -> Iterator[Chart]:
    """One chart for each axis that was swept, and the percentiles by batch size."""
    for axis in NUMBERS:
        if (chart := _of_numbers(study, axis)) is not None:
            yield chart
    for axis in WORDS:
        if (chart := _of_names(study, axis)) is not None:
            yield chart
    yield from _latency(study)


def _latency(study: Study) -> Iterator[Chart]:
    """Percentiles of the longest series of batch sizes."""
    for series in along.shown(study.series("batch_size"))[:1]:
        if curves := along.percentiles(series, "latency"):
            first = curves[0]
            yield Chart(
                name="latency_by_batch_size",
                title=f"A call of {first.x[-1]:,.0f} takes {number(first.y[-1])} ms "
                f"({first.name}), one of {first.x[0]:,.0f} takes {number(first.y[0])} ms"
                f"{phrases.of(series)}",
                x=along.axis("batch size", curves),
                y=Axis(title="service time of a call in ms"),
                curves=tuple(curves),
                note=f"One caller that waits for each answer. {along.PERCENTILES_NOTE}",
            )


def _of_numbers(study: Study, axis: str) -> Chart | None:
    every = along.rates_of_one_kind(study, axis)
    found = [
        (series, curve)
        for series in along.shown(every)
        if (curve := along.curve(series, throughput, series.title or "measured")) is not None
    ]
    if not found:
        return None
    first = found[0][0]
    curves = [curve for _, curve in found]
    if len(found) == 1:
        curves += _baseline(first)
    return Chart(
        name=f"throughput_by_{axis}",
        title=_title([series for series, _ in found], axis),
        x=along.axis(_axis_title(axis, first), curves),
        y=Axis(title=f"throughput in {items_of(first.answers[0])}/s"),
        curves=tuple(curves),
        note=INTERVALS + along.left_out(every),
    )


def _axis_title(axis: str, series: Series) -> str:
    answer = series.answers[0]
    if axis == "text_length":
        return f"text length in {unit_of_length(answer)}"
    if axis == "batch_size":
        return f"batch size in {items_of(answer)}"
    return NUMBERS[axis]


def _title(every: Sequence[Series], axis: str) -> str:
    ranked = [ranking for series in every if (ranking := rank(series)) is not None]
    if not ranked:
        return f"Throughput by {NUMBERS[axis]}"
    best = max(ranked, key=lambda ranking: rate_value(ranking.answer(ranking.best)))
    if axis == "text_length":
        return _by_length(best)
    unit = f"{items_of(best.answer(best.best))}/s"
    what = {"batch_size": "batches of", "threads": "threads:"}[axis]
    where = phrases.of(best.series)
    knee, top = best.value(best.knee), best.value(best.best)
    high = f"{number(rate_value(best.answer(best.best)))} {unit}"
    if best.best in best.unbounded:
        return f"Highest value with {what} {top}: {high}, too few calls for an interval{where}"
    if best.best == best.knee:
        alike = [best.value(at) for at in best.alike]
        similar = f", not told from {phrases.join(alike)}" if alike else ""
        first = "Fastest"
        if alike:
            first = "Highest value" if best.race is None else best.first.capitalize()
        return f"{first} with {what} {top}: {high}{similar}{where}"
    found = best.change(best.best, best.knee)
    share = "" if found is None else f" {phrases.part(found.ratio)} of"
    most = "highest" if best.race is None else "fastest"
    title = f"{str(what).capitalize()} {knee} reach{share} the {most}, {high} with"
    return f"{title} {top}{where}"


def _by_length(ranking: Ranking) -> str:
    found = ranking.change(len(ranking.series.values) - 1, 0)
    if found is None or not found.is_better:
        where = phrases.of(ranking.series)
        return f"That throughput falls with the length of texts cannot be told{where}"
    return (
        f"Texts of {along.text(ranking.series.values[0])} characters are encoded at "
        f"{phrases.times(found.ratio)} the rate of those of "
        f"{along.text(ranking.series.values[-1])}"
        f"{phrases.of(ranking.series)}"
    )


def _baseline(series: Series) -> Iterator[Curve]:
    """What the runs were compared with, where they were."""
    points: list[tuple[float, float]] = []
    names = []
    for value, answer in zip(series.values, series.answers, strict=True):
        comparison = answer.comparison
        if comparison is None or not along.is_number(value):
            continue
        if before := _before(answer, comparison):
            points.append((float(value), before))
            names.append(comparison.a.partition(" ")[0])
    if points:
        name = names[0] if len(set(names)) == 1 and "/" not in names[0] else "compared with"
        yield Curve(
            name=f"baseline {name}" if name == names[0] else name,
            x=tuple(x for x, _ in points),
            y=tuple(y for _, y in points),
            is_dashed=True,
            is_line=len(points) > 1,
        )


def _before(answer: Answer, comparison: Comparison) -> float | None:
    """The throughput on the other side: the ratio is of costs, the inverse of throughputs."""
    if comparison.ratio is None or comparison.figure != rate_of(answer):
        return None
    return comparison.ratio * rate_value(answer)


def _of_names(study: Study, axis: str) -> Chart | None:
    """Bars, the fastest first; of several series one after the other."""
    every = along.rates_of_one_kind(study, axis)
    rows = [
        (f"{_short(value)}{phrases.of(series)}", estimate)
        for series in every
        for value, answer in zip(series.values, series.answers, strict=True)
        if (estimate := along.estimate_of(answer, throughput)) is not None
    ]
    rows.sort(key=lambda row: -row[1].value)
    shown = rows[:MOST_BARS]
    if len(shown) < along.FEWEST:
        return None
    unit = f"{items_of(every[0].answers[0])}/s"
    bars = Bars(
        name="throughput",
        rows=tuple(range(len(shown))),
        start=(0.0,) * len(shown),
        length=tuple(estimate.value for _, estimate in shown),
        low=tuple(estimate.low for _, estimate in shown),
        high=tuple(estimate.high for _, estimate in shown),
        labels=tuple(number(estimate.value) for _, estimate in shown),
    )
    more = len(rows) - len(shown)
    return Chart(
        name=f"throughput_by_{axis}",
        title=_of_names_title(every, axis),
        x=Axis(title=f"throughput in {unit}"),
        y=Axis(title="", names=tuple(name for name, _ in shown)),
        bars=(bars,),
        note=INTERVALS.replace("points", "ends") + (f" {more} more are in the table." * (more > 0)),
    )


def _of_names_title(every: Sequence[Series], axis: str) -> str:
    ranked = [ranking for series in every if (ranking := rank(series)) is not None]
    if len(ranked) != 1:
        return f"Throughput by {axis}"
    (ranking,) = ranked
    best = _short(ranking.value(ranking.best))
    if ranking.best in ranking.unbounded:
        return f"{axis}: the highest value is that of {best}, without an interval"
    alike = [_short(ranking.value(at)) for at in ranking.alike]
    first = "fastest" if ranking.race is None else ranking.first
    return f"{axis}: {best} is {first}" + (
        f", not told from {phrases.join(alike)}" if alike else ""
    )


def _short(value: object) -> str:
    """A hub's name without its owner; null in words."""
    return "not set" if value is None else str(value).rstrip("/").rpartition("/")[2]

"""What callers at once get, what users wait at a rate, and where the knee lies."""

from collections.abc import Iterator

from embprof.interface.chart import Axis, Chart, Curve, Level
from embprof.measurements.load.findings import load_phrases
from embprof.report import phrases
from embprof.report.change import items_of, throughput
from embprof.report.charts import along
from embprof.report.ranking import rank
from embprof.report.study import Answer, Series, Study
from embprof.units import number

CALLERS, RATE = "measurement.concurrency", "measurement.rate"


def draw(study: Study) -> Iterator[Chart]:
    """The longest series of callers and of rates, and each search."""
    for series in along.shown(study.series(CALLERS, "closed_loop"))[:1]:
        yield from _throughput(series)
        yield from _percentiles(
            series,
            figure="latency",
            name="latency_by_concurrency",
            axis="callers at once",
            what="service time of a call in ms",
        )
    for series in along.shown(study.series(RATE, "open_loop"))[:1]:
        yield from _percentiles(
            series,
            figure="response",
            name="response_by_rate",
            axis="calls due each second",
            what="response time from when a call was due, in ms",
        )
    for answer in study.of("capacity")[:1]:
        yield from _search(answer)


def _throughput(series: Series) -> Iterator[Chart]:
    curve = along.curve(series, throughput, "measured")
    ranking = rank(series)
    if curve is None or ranking is None:
        return
    knee = ranking.answer(ranking.knee)
    yield Chart(
        name="throughput_by_concurrency",
        title=f"{load_phrases.load(knee)} get {phrases.speed(knee)}, of all that were tried "
        f"{number(max(curve.y))} is most{phrases.of(series)}",
        x=along.axis("callers at once", [curve]),
        y=Axis(title=f"throughput in {items_of(knee)}/s"),
        curves=(curve,),
        note="Each caller calls again as soon as it is answered. Bars are 95 % intervals.",
    )


def _percentiles(
    series: Series, *, figure: str, name: str, axis: str, what: str
) -> Iterator[Chart]:
    curves = along.percentiles(series, figure)
    if not curves:
        return
    first, last = curves[0], series.answers[-1]
    within = load_phrases.parameter(last, "latency_target_ms")
    over = last.run.outcomes.get("load") == "overloaded"
    yield Chart(
        name=name,
        title=f"A call takes {number(first.y[-1])} ms ({first.name}) with {load_phrases.load(last)}"
        + (", where calls pile up" if over else "")
        + phrases.of(series),
        x=along.axis(axis, curves),
        y=Axis(title=what, is_log=_is_steep(curves), from_zero=not _is_steep(curves)),
        curves=tuple(curves),
        levels=() if within is None else (Level(name="target", value=float(within)),),
        note=along.PERCENTILES_NOTE,
    )


def _is_steep(curves: list[Curve]) -> bool:
    """Whether one overloaded rate would leave nothing to be seen of the others."""
    values = [y for curve in curves for y in curve.y]
    return min(values) > 0 and max(values) / min(values) > 100  # noqa: PLR2004  (two decades)


def _search(answer: Answer) -> Iterator[Chart]:
    """The share of calls that were good, by the rate that was tried."""
    searches = answer.rows("capacity.json", "searches")
    tries = [one for search in searches for one in search["probes"] if one["word"] != "late"]
    tries.sort(key=lambda one: one["rate"])
    if len(tries) < along.FEWEST:
        return
    rate = answer.value("capacity_calls_per_s")
    found = "no rate was kept" if rate is None else f"{number(rate)} calls/s are kept"
    yield Chart(
        name="good_by_rate",
        title=f"{load_phrases.target(answer)}: {found}",
        x=Axis(title="calls due each second"),
        y=Axis(title="good calls in %"),
        curves=(
            Curve(
                name="tried",
                x=tuple(one["rate"] for one in tries),
                y=tuple(100 * one["good"] for one in tries),
                is_line=False,
            ),
        ),
        levels=(
            Level(name="wanted", value=float(load_phrases.parameter(answer, "goodput_percent"))),
        ),
        note="A point is a rate that was tried; those at which the generator was late are left "
        "out.",
    )

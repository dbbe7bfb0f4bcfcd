"""Peak memory against batch size and text length with the budget, and against throughput.

Drawn of any run that read its peak, whichever measurement did.
"""

from collections.abc import Iterator, Mapping, Sequence

from embprof.interface.chart import Axis, Chart, Curve, Level
from embprof.report import phrases
from embprof.report.change import items_of, rate_of, throughput
from embprof.report.charts import along
from embprof.report.study import Answer, Series, Study, labels
from embprof.units import number

PEAK, REST, GPU = "peak_rss_mb", "steady_rss_mb", "gpu_allocated_mb"
WHOLE = "Memory of the whole process, the libraries it imported included."
SHARED = (
    "Memory of a forked worker, which holds pages shared with its fork server; measurement=memory "
    "tells that of a process by itself."
)
NAMED = 3
"""Runs that a title names."""


def draw(study: Study) -> Iterator[Chart]:
    """All that the study has figures for."""
    yield from _by(study, "batch_size", "batch size")
    yield from _by(study, "text_length", "text length")
    yield from _front(study)


def _by(study: Study, axis: str, name: str) -> Iterator[Chart]:
    kind = "memory" if study.series(axis, "memory") else "throughput"
    if axis == "text_length" and kind != "memory":
        return
    every = study.series(axis, kind)
    chosen = along.shown(every)
    if len(chosen) == 1:
        pairs = ((PEAK, "peak"), (REST, "at rest"), (GPU, "on the GPU"))
        curves = [along.curve(chosen[0], along.of_name(one), label) for one, label in pairs]
    else:
        curves = [along.curve(s, along.of_name(PEAK), s.title) for s in chosen]
    found = [curve for curve in curves if curve is not None]
    if not found:
        return
    budgets = _budgets(chosen)
    first = found[0]
    title = (
        f"Peak memory is {number(first.y[0])} MB with {name} {first.x[0]:,.0f} and "
        f"{number(first.y[-1])} MB with {first.x[-1]:,.0f}"
    )
    highest = max(y for curve in found for y in curve.y)
    for budget in budgets[:1]:
        over = "above" if highest > budget.value else "within"
        title += f", {over} the {number(budget.value)} MB wanted"
    yield Chart(
        name=f"memory_by_{axis}",
        title=title,
        x=along.axis(name, found),
        y=Axis(title="resident memory in MB"),
        curves=tuple(found),
        levels=tuple(budgets),
        note=(WHOLE if kind == "memory" else SHARED) + along.left_out(every),
    )


def _budgets(every: Sequence[Series]) -> list[Level]:
    """The budgets of the runs: what they were to stay within."""
    wanted = {
        float(given[PEAK])
        for series in every
        for answer in series.answers
        for given in (answer.run.config.get("targets", {}), answer.run.config.get("limits", {}))
        if PEAK in given
    }
    return [
        Level(name=f"wanted: at most {number(value)} MB", value=value) for value in sorted(wanted)
    ]


def _front(study: Study) -> Iterator[Chart]:
    """Throughput against memory: what no other run beats in both is joined by a line."""
    rates = [s for axis in ("batch_size", "device", "model") for s in study.series(axis)]
    answers = list({a.run.run_id: a for s in rates for a in s.answers}.values())
    known = [
        (answer, memory, rate)
        for answer in answers
        if (memory := answer.value(PEAK)) is not None
        and (rate := answer.value(rate_of(answer))) is not None
        and items_of(answer) == items_of(answers[0])
    ]
    if len(known) < 3:  # noqa: PLR2004  (two points have no front)
        return
    known.sort(key=lambda point: (point[1], -point[2]))
    front: list[tuple[Answer, float, float]] = []
    for point in known:
        if not front or point[2] > front[-1][2]:
            front.append(point)
    others = [point for point in known if point not in front]
    names = dict(
        zip((a.run.run_id for a, _, _ in known), labels([a for a, _, _ in known]), strict=True)
    )
    curves = [_points(names, "no other is better in both", front, is_line=True)]
    if others:
        curves.append(_points(names, "others", others, is_line=False))
    best = [names[answer.run.run_id] for answer, _, _ in front]
    yield Chart(
        name="throughput_and_memory",
        title=f"No other is faster with less memory than {phrases.join(best)}"
        if len(best) <= NAMED
        else f"Of {len(known)} runs, {len(best)} are such that no other is faster with less memory",
        x=Axis(title="peak memory in MB", from_zero=False),
        y=Axis(title=f"throughput in {items_of(answers[0])}/s"),
        curves=tuple(curves),
        note=f"{SHARED} What is drawn are single values: their intervals are in the table.",
    )


def _points(
    names: Mapping[str, str],
    name: str,
    points: Sequence[tuple[Answer, float, float]],
    *,
    is_line: bool,
) -> Curve:
    bounds = [along.estimate_of(answer, throughput) for answer, _, _ in points]
    return Curve(
        name=name,
        x=tuple(memory for _, memory, _ in points),
        y=tuple(rate for _, _, rate in points),
        low=tuple(None if e is None else e.low for e in bounds),
        high=tuple(None if e is None else e.high for e in bounds),
        labels=tuple(names[answer.run.run_id] for answer, _, _ in points),
        is_line=is_line,
    )

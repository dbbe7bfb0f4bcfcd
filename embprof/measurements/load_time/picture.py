"""A start as a waterfall: each stage begins where the one before it ends."""

from collections.abc import Sequence
from itertools import accumulate

from embprof.interface.chart import Axis, Bars, Chart
from embprof.model import Estimate, Run, Slice
from embprof.report.charts.svg import svg
from embprof.units import number

STAGES = (
    ("interpreter", "interpreter_start_s", 1.0),
    ("imports", "import_time_s", 1.0),
    ("model init", "model_init_s", 1.0),
    ("first call", "first_encode_ms", 1e-3),
)
"""Label, metric, and seconds in its unit, in the order of a start."""


def draw(run: Run, _: Sequence[Slice]) -> str:
    """The SVG: seconds from nothing to the first answer; empty of a run without stages."""
    chart = waterfall(run, str(run.config.get("device", "")))
    return "" if chart is None else svg(chart, is_noted=True)


def waterfall(run: Run, label: str, name: str = "load_time") -> Chart | None:
    """Each stage of a start with its interval; None of a run that has no stages."""
    stages = [
        (stage, figure.estimate, factor)
        for stage, metric, factor in STAGES
        if (figure := run.figure(metric)) is not None and figure.estimate is not None
    ]
    if not stages:
        return None
    lengths = [factor * estimate.value for _, estimate, factor in stages]
    ends = list(accumulate(lengths))
    starts = [end - length for end, length in zip(ends, lengths, strict=True)]
    largest = max(range(len(stages)), key=lambda at: lengths[at])
    kind = run.outcomes.get("start", "").replace("_", " ")
    return Chart(
        name=name,
        title=f"{100 * lengths[largest] / ends[-1]:.0f} % of a {kind} start of "
        f"{number(ends[-1])} s is {stages[largest][0]} ({label})",
        x=Axis(title="seconds since the process was started"),
        y=Axis(title="", names=tuple(stage for stage, _, _ in stages)),
        bars=(
            Bars(
                name="start",
                rows=tuple(range(len(stages))),
                start=tuple(starts),
                length=tuple(lengths),
                low=_bounds(stages, starts, "low"),
                high=_bounds(stages, starts, "high"),
                labels=tuple(f"{number(length)} s" for length in lengths),
            ),
        ),
        note="Each stage begins where the one before it ends; bars at the ends are 95 % intervals "
        "over restarts.",
    )


def _bounds(
    stages: Sequence[tuple[str, Estimate, float]], starts: Sequence[float], side: str
) -> tuple[float | None, ...]:
    """Where each bar would end at that bound of its length."""
    bounds = [getattr(estimate, side) for _, estimate, _ in stages]
    return tuple(
        None if bound is None else start + factor * bound
        for bound, start, (_, _, factor) in zip(bounds, starts, stages, strict=True)
    )

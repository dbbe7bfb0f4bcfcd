"""Stages of a call as shares of it, and a start as a waterfall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from embprof.interface.chart import Axis, Bars, Chart
from embprof.measurements.profile.figures import stage_percents
from embprof.model import Estimate
from embprof.report.study import Answer, Study, labels
from embprof.units import number

MOST_CALLS = 8
"""Profiles in a picture."""
LABELLED = 4.0
"""Percent of a call from which a stage has room for its share inside."""
SMALL = 1.0
"""Percent of a call below which a stage is one of the rest."""
MOST_STARTS = 3
STARTS = (
    ("interpreter", "interpreter_start_s", 1.0),
    ("imports", "import_time_s", 1.0),
    ("model init", "model_init_s", 1.0),
    ("first call", "first_encode_ms", 1e-3),
)
"""Label, metric, and seconds in its unit, in the order of a start."""


def draw(study: Study) -> Iterator[Chart]:
    """A bar a profile, a picture a start."""
    yield from _stages(study)
    starts = study.of("load_time")
    newest = dict(zip(labels(starts), starts, strict=True))
    for place, (label, answer) in enumerate([*newest.items()][:MOST_STARTS]):
        yield from _start(answer, label, place)


def _stages(study: Study) -> Iterator[Chart]:
    shares = [(answer, found) for answer in study.of("profile") if (found := _shares(answer))]
    if not shares:
        return
    shown = _gathered(shares[:MOST_CALLS])
    named = labels([answer for answer, _ in shown])
    stages = list(dict.fromkeys(stage for _, found in shown for stage in found))
    bars = []
    before = [0.0] * len(shown)
    for stage in stages:
        lengths = [found.get(stage, 0.0) for _, found in shown]
        bars.append(
            Bars(
                name=stage,
                rows=tuple(range(len(shown))),
                start=tuple(before),
                length=tuple(lengths),
                labels=tuple(f"{n:.0f} %" if n >= LABELLED else "" for n in lengths),
            )
        )
        before = [start + length for start, length in zip(before, lengths, strict=True)]
    found = shown[0][1]
    largest = max(found, key=lambda stage: found[stage])
    more = len(shares) - len(shown)
    yield Chart(
        name="stages",
        title=f"{found[largest]:.0f} % of a call is {largest} ({named[0]})",
        x=Axis(title="share of the time of a call in %"),
        y=Axis(title="", names=tuple(named)),
        bars=tuple(bars),
        note="Of calls with timed stages; what timing adds is in the table."
        + f" {more} more profiles are in the table." * (more > 0),
    )


def _gathered(
    shares: Sequence[tuple[Answer, dict[str, float]]],
) -> list[tuple[Answer, dict[str, float]]]:
    """The stages that are small in every profile as one, at the end."""
    large = {stage for _, found in shares for stage, share in found.items() if share >= SMALL}
    gathered = []
    for answer, found in shares:
        kept = {stage: share for stage, share in found.items() if stage in large}
        rest = sum(share for stage, share in found.items() if stage not in large)
        gathered.append((answer, {**kept, **({"the rest": rest} if rest else {})}))
    return gathered


def _shares(answer: Answer) -> dict[str, float]:
    run = answer.run
    values = {f.name: f.estimate.value for f in run.figures if f.estimate is not None}
    return {stage: max(0.0, share) for stage, share in stage_percents(values).items()}


def _start(answer: Answer, label: str, place: int) -> Iterator[Chart]:
    stages = [
        (label, figure.estimate, factor)
        for label, metric, factor in STARTS
        if (figure := answer.run.figure(metric)) is not None and figure.estimate is not None
    ]
    if not stages:
        return
    ends: list[float] = []
    for _, estimate, factor in stages:
        ends.append((ends[-1] if ends else 0.0) + factor * estimate.value)
    lengths = [factor * estimate.value for _, estimate, factor in stages]
    starts = [end - length for end, length in zip(ends, lengths, strict=True)]
    largest = max(range(len(stages)), key=lambda at: lengths[at])
    kind = answer.run.outcomes.get("start", "").replace("_", " ")
    yield Chart(
        name=f"load_time{'' if place == 0 else f'_{place + 1}'}",
        title=f"{100 * lengths[largest] / ends[-1]:.0f} % of a {kind} start of "
        f"{number(ends[-1])} s is {stages[largest][0]} ({label})",
        x=Axis(title="seconds since the process was started"),
        y=Axis(title="", names=tuple(label for label, _, _ in stages)),
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

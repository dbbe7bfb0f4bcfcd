"""What is in use against calls: a leak is a slope that goes on."""

from collections.abc import Iterator, Sequence

from embprof.interface.chart import Axis, Chart, Curve
from embprof.interface.readings import restarts
from embprof.measurements.leak.figures import IN_USE, levels
from embprof.model import Slice
from embprof.report import phrases
from embprof.report.study import Answer, Study, labels

MOST_RUNS = 3
MOST_POINTS = 300
SAID = {"leak": "a leak", "no_leak": "no leak", "growth_unproven": "growth, but no proof of a leak"}


def draw(study: Study) -> Iterator[Chart]:
    """One picture for each run, with both of its processes."""
    shown = study.of("leak")[:MOST_RUNS]
    for place, (answer, label) in enumerate(zip(shown, labels(shown), strict=True)):
        slices = [piece for piece in answer.slices() if not piece.warmup]
        curves = [curve for one in restarts(slices) if (curve := _curve(one)) is not None]
        if not curves:
            continue
        yield Chart(
            name=f"leak{'' if place == 0 else f'_{place + 1}'}",
            title=_title(answer, label),
            x=Axis(title="calls after warm-up"),
            y=Axis(title="memory in use, more than at the first call, in kB", from_zero=False),
            curves=tuple(curves),
            note="A cache that fills levels off; a leak grows in the longer process as in the "
            "shorter. Each curve is a process of its own.",
        )


def _title(answer: Answer, label: str) -> str:
    verdict = SAID.get(answer.run.outcomes.get("leak", ""), "memory in use")
    slope = answer.estimate("leak_slope_bytes_per_call")
    pace = "" if slope is None else f": {phrases.bounded(slope, 'B/call')}"
    return f"{verdict.capitalize()}{pace} ({label})"


def _curve(pieces: Sequence[Slice]) -> Curve | None:
    read = levels(pieces, IN_USE)
    if len(read) < 2:  # noqa: PLR2004  (a line has two ends)
        return None
    base = read[0][1]
    shown = read[:: max(1, -(-len(read) // MOST_POINTS))]
    return Curve(
        name=f"process {pieces[0].restart + 1}",
        x=tuple(call for call, _ in shown),
        y=tuple(1e3 * (value - base) for _, value in shown),
    )

"""A start as a waterfall: each stage begins where the one before it ends."""

from __future__ import annotations

import io
from collections.abc import Sequence

from embprof.model import Estimate, Run, Slice

QUANTITY = "total_load"
STAGES = (
    ("interpreter", "interpreter_start_s", 1.0, "#999999"),
    ("import", "import_time_s", 1.0, "#0072B2"),
    ("model init", "model_init_s", 1.0, "#E69F00"),
    ("first call", "first_encode_ms", 1e-3, "#009E73"),
)
"""Label, metric, seconds in its unit, and a colour that the colour-blind tell from the others.
Source of the colours: Okabe and Ito 2008, "Color Universal Design"."""


def draw(run: Run, slices: Sequence[Slice]) -> str:
    """The SVG: seconds from nothing to the first answer, each stage with its interval."""
    if not any(piece.values(QUANTITY) for piece in slices):
        return ""
    from matplotlib.figure import Figure  # 0.3 s, and only where there is a picture

    stages = [
        (label, known.estimate, factor, colour)
        for label, metric, factor, colour in STAGES
        if (known := run.figure(metric)) is not None and known.estimate is not None
    ]
    total = sum(estimate.value * factor for _, estimate, factor, _ in stages)
    figure = Figure(figsize=(8, 3), layout="constrained")
    axes = figure.subplots()
    begin = 0.0
    for row, (_label, estimate, factor, colour) in enumerate(stages):
        seconds = estimate.value * factor
        axes.barh(row, seconds, left=begin, color=colour, height=0.7)
        reach = _reach(estimate, factor)
        if reach is not None:
            axes.errorbar(
                begin + seconds, row, xerr=[[reach[0]], [reach[1]]], color="black", capsize=3
            )
        x, align = _place(begin, seconds + (reach[1] if reach else 0.0), total)
        ink = "white" if align == "center" else "black"
        axes.annotate(f"{seconds:.3g} s", (x, row), ha=align, va="center", color=ink)
        begin += seconds
    axes.set_yticks(range(len(stages)), [label for label, *_ in stages])
    axes.invert_yaxis()
    axes.set_xlabel("seconds since the process was started; bars at the ends: 95 % intervals")
    axes.set_xlim(left=0)
    axes.set_title(_title(run, stages, total), loc="left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _reach(estimate: Estimate, factor: float) -> tuple[float, float] | None:
    if estimate.low is None or estimate.high is None:
        return None
    value = estimate.value
    return max(0.0, value - estimate.low) * factor, max(0.0, estimate.high - value) * factor


def _place(begin: float, length: float, total: float) -> tuple[float, str]:
    """Where a bar's label has room, and how it is aligned there: beside the bar, else inside."""
    gap, room = 0.01 * total, 0.2 * total
    if begin + length < total - room:
        return begin + length + gap, "left"
    if begin > room:
        return begin - gap, "right"
    return begin + length / 2, "center"


def _title(run: Run, stages: Sequence[tuple[str, Estimate, float, str]], total: float) -> str:
    label, estimate, factor, _ = max(stages, key=lambda stage: stage[1].value * stage[2])
    share = 100 * estimate.value * factor / total
    kind = run.outcomes.get("start", "").replace("_", " ")
    device = run.config.get("device", "")
    return f"{share:.0f} % of a {kind} start of {total:.3g} s is {label} ({device})"

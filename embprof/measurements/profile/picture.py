"""A call as one bar, its stages end to end."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from embprof.config import subject
from embprof.model import Run, Slice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUANTITY = "staged_call"
STAGE = "stage_"
COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#000000",
    "#999999",
)
"""Told apart by the colour-blind, and grey; source: Okabe and Ito 2008, Color Universal Design."""
LABELLED = 0.06
"""Share of the bar from which a stage has room for its share inside."""
DARK = ("#0072B2", "#000000", "#009E73", "#D55E00")


def draw(run: Run, slices: Sequence[Slice]) -> str:
    """The SVG: milliseconds of a call by stage, with the largest in the title."""
    if not any(piece.values(QUANTITY) for piece in slices if not piece.warmup):
        return ""
    from matplotlib.figure import Figure  # 0.3 s, and only where there is a picture

    times = mean_times(slices)
    total = sum(times.values())
    largest = max(times, key=lambda name: times[name])
    figure = Figure(figsize=(8, 3), layout="constrained")
    axes = figure.subplots()
    _bar(axes, times, total)
    share = 100 * times[largest] / total
    setting = subject.setting(run.config, "batch_size")
    axes.set_title(
        f"{share:.0f} % of a call is {largest} ({setting}, {run.config['device']}, {total:.3g} ms)",
        loc="left",
    )
    axes.set_xlabel("time of a call in ms, stages timed")
    axes.set_yticks([])
    axes.set_xlim(0, total)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def mean_times(slices: Sequence[Slice]) -> dict[str, float]:
    """Milliseconds of each stage in a call, in the order of a call; warm-up is left out."""
    values: dict[str, list[float]] = {}
    for piece in slices:
        for samples in piece.samples:
            if samples.name.startswith(STAGE) and not piece.warmup:
                values.setdefault(samples.name.removeprefix(STAGE), []).extend(samples.values)
    return {name: max(0.0, sum(some) / len(some)) for name, some in values.items()}


def _bar(axes: Axes, times: dict[str, float], total: float) -> None:
    left = 0.0
    for number, (name, time) in enumerate(times.items()):
        colour = COLOURS[min(number, len(COLOURS) - 1)]
        axes.barh(0, time, left=left, color=colour, label=f"{name} {time:.3g} ms", height=0.7)
        if time > LABELLED * total:
            axes.text(
                left + time / 2,
                0,
                f"{100 * time / total:.0f} %",
                ha="center",
                va="center",
                color="white" if colour in DARK else "black",
            )
        left += time

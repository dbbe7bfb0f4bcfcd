"""Memory over the life of a process: at rest, at its high-water marks, phase by phase."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from embprof.config import subject
from embprof.model import Run, Slice
from embprof.units import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUANTITY = "elapsed"
PHASES = ("harness", "imports", "load", "first_call", "warmup")
WORDS = {"imports": "imports", "load": "load", "warmup": "warm-up", "measured": "measured"}
PEAK, AT_REST, LIMIT = "#D55E00", "#0072B2", "#000000"
"""Told apart by the colour-blind. Source: Okabe and Ito 2008, "Color Universal Design"."""
LIMITED = {"peak_rss_mb": "peak", "steady_rss_mb": "at rest"}
FAR = 2.0
"""A limit so many times the peak would leave nothing to see below it; it is named instead."""
LABELLED = 0.07
"""Share of the width from which a phase has room for its name."""

Line = list[tuple[float, float]]


def draw(run: Run, slices: Sequence[Slice]) -> str:
    """The SVG: resident memory in MB over seconds, limits as lines."""
    if not any(piece.values(QUANTITY) for piece in slices):
        return ""
    from matplotlib.figure import Figure  # 0.3 s, and only where there is a picture

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    restarts = [list(pieces) for _, pieces in groupby(slices, key=lambda piece: piece.restart)]
    lives = [_Life(pieces) for pieces in restarts if any(p.values("elapsed") for p in pieces)]
    for first, life in enumerate(lives):
        label = ("high-water mark", "at rest") if first == 0 else (None, None)
        marker = "." if len(life.at_rest) < 200 else None  # noqa: PLR2004  (more run together)
        axes.plot(*zip(*life.peaks, strict=True), color=PEAK, linewidth=1.2, label=label[0])
        axes.plot(
            *zip(*life.at_rest, strict=True),
            color=AT_REST,
            linewidth=1.2,
            marker=marker,
            label=label[1],
        )
    _phases(axes, lives[-1])
    _limits(axes, run, max(size for life in lives for _, size in life.peaks))
    axes.set_title(_title(run), loc="left")
    axes.set_xlabel("time since loading began in s")
    axes.set_ylabel("resident memory in MB")
    axes.set_xlim(0, max(life.ended for life in lives))
    axes.set_ylim(bottom=0)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(loc="lower right", frameon=False)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


class _Life:
    """One process: its phases, and memory over time in MB."""

    def __init__(self, pieces: Sequence[Slice]) -> None:
        told = next(piece for piece in reversed(pieces) if piece.values("phase_ends"))
        names = [name for name in PHASES if told.values(f"phase_{name}")]
        ends = told.values("phase_ends")
        read = [piece for piece in pieces if piece.values("elapsed")]
        self.ended = read[-1].values("elapsed")[-1]
        self.phases = dict(zip(names, ends, strict=False)) | {"measured": self.ended}
        self.at_rest: Line = []
        self.peaks: Line = []
        size = 0.0
        for name, end in zip(names, ends, strict=False):
            if name in ("harness", "imports", "load"):
                size += told.values(f"phase_{name}")[-1]
                self.at_rest.append((end, size))
                self.peaks.append((end, told.values(f"phase_{name}_peak")[-1]))
        for piece in read:
            now = piece.values("elapsed")[-1]
            self.at_rest.append((now, piece.values("steady_rss")[-1]))
            self.peaks.append((now, max(piece.values("peak_rss"))))

    def spans(self) -> Iterator[tuple[str, float, float]]:
        """Name, beginning and end of each phase that can be seen."""
        began = self.phases["harness"]
        for name, end in self.phases.items():
            if name in WORDS:
                yield WORDS[name], began, end
                began = end


def _phases(axes: Axes, life: _Life) -> None:
    for shade, (word, began, ended) in enumerate(life.spans()):
        axes.axvspan(began, ended, color="#999999", alpha=0.18 * (shade % 2), linewidth=0)
        if ended - began > LABELLED * life.ended:
            middle = (began + ended) / 2
            axes.text(middle, 1, word, transform=axes.get_xaxis_transform(), ha="center", va="top")


def _limits(axes: Axes, run: Run, peak: float) -> None:
    styles = ("--", ":")
    for style, (metric, word) in zip(styles, LIMITED.items(), strict=True):
        limit = run.config.get("limits", {}).get(metric)
        if limit is None:
            continue
        label = f"limit {word} {number(limit)}"
        if limit > FAR * peak:
            axes.plot([], [], color=LIMIT, linestyle=style, label=f"{label}: far above")
        else:
            axes.axhline(limit, color=LIMIT, linestyle=style, linewidth=1.2, label=label)


def _title(run: Run) -> str:
    peak, at_rest = run.value("peak_rss_mb"), run.value("steady_rss_mb")
    growth = run.value("rss_growth_mb_per_min")
    said = [f"peak {number(peak)} MB"] if peak is not None else []
    said += [f"at rest {number(at_rest)} MB"] if at_rest is not None else []
    said += [f"growth {number(growth)} MB/min"] if growth is not None else []
    asked = run.config
    callers = asked["measurement"].get("concurrency", 1)
    at_once = f", {callers} callers" if callers > 1 else ""
    setting = subject.setting(asked, "batch_size", "text_length")
    return f"{', '.join(said)} ({setting}, {asked['device']}{at_once})"

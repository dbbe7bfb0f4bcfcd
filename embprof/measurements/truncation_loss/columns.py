"""The columns of a truncation loss: what is left of the meaning of texts when they are cut."""

import math
from collections.abc import Sequence
from functools import partial

from embprof.interface.column import Column
from embprof.model import Run

DIGITS = 4
"""Digits of a cosine: 0.9996 and 1 are not the same."""


def columns(_: Sequence[Run]) -> list[Column]:
    """Texts and tokens cut, cosine to the full text, neighbours, each share with its interval."""
    changed = partial(_with_interval, "neighbour_changed_percent")
    return [
        Column(heading="cut %", cell=partial(_percent, "texts_cut_percent")),
        _share("tokens kept %", "tokens_kept_percent", spare=2),
        Column(heading="cosine", cell=partial(_cosine, "cosine_to_full")),
        Column(heading="cosine p05", cell=partial(_cosine, "cosine_to_full_p05")),
        Column(heading="new nearest %", cell=changed),
        _share("mixed %", "neighbour_changed_mixed_percent", spare=3),
        _share("top 10 kept %", "top10_kept_percent", spare=1),
        Column(heading="texts", cell=_texts, spare=4),
    ]


def _share(heading: str, name: str, spare: int) -> Column:
    return Column(heading=heading, cell=partial(_percent, name), spare=spare, metric=name)


def _percent(name: str, run: Run) -> str:
    value = run.value(name)
    return "" if value is None else f"{value:.1f}"


def _with_interval(name: str, run: Run) -> str:
    """``18.3 (15–22)``: of few texts the interval is wide and lopsided, so its ends are shown."""
    estimate = run.estimate(name)
    if estimate is None:
        return ""
    bounds = estimate.bounds
    between = "" if bounds is None else f" ({bounds[0]:.1f}–{bounds[1]:.1f})"
    return f"{estimate.value:.1f}{between}"


def _cosine(name: str, run: Run) -> str:
    """Rounded down, so that only what is not cut has a cosine of 1."""
    figure = run.figure(name)
    if figure is None:
        return ""
    if figure.estimate is None:
        return str(figure.note)
    scale = 10**DIGITS
    return f"{math.floor(figure.estimate.value * scale + 1e-9) / scale:.{DIGITS}f}"


def _texts(run: Run) -> str:
    cosine = run.estimate("cosine_to_full")
    return "" if cosine is None else f"{cosine.n:,}"

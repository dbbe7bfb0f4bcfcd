"""How good the answers of a workload were, beside what they cost."""

from __future__ import annotations

from collections.abc import Sequence

from embprof.interface.column import Column, value
from embprof.interface.workload import QUALITY
from embprof.model import Run

UNITS = {"percent": "%", "mb": "MB", "s": "s", "ms": "ms"}
"""The last word of a metric's name, and how a heading says it."""


def columns(runs: Sequence[Run]) -> list[Column]:
    """A column for each figure of quality, in the workload's own order.

    A quantity may be read only for what it says together with others, and is no figure itself.
    """
    names = dict.fromkeys(
        name
        for run in runs
        for name in str(run.description.get(QUALITY) or "").split()
        if run.figure(name) is not None
    )
    # The first is why the workload was measured; the others give way to figures of time.
    return [value(name, _heading(name), spare=at and 5 + at) for at, name in enumerate(names)]


def _heading(name: str) -> str:
    """``recall_at_10`` as ``recall@10``, ``agreement_percent`` as ``agreement %``."""
    said, _, unit = name.rpartition("_")
    shown = f"{said} {UNITS[unit]}" if unit in UNITS else name
    return shown.replace("_at_", "@").replace("_", " ")

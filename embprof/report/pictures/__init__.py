"""Pictures of one run, and what else is made of its slices alone, for its folder and MLflow."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from embprof.interface import faults
from embprof.interface.subjects import subjects_of
from embprof.model import Run
from embprof.tracking.folder import read_slices


def draw(run: Run, folder: Path) -> None:
    """Adds the pictures of a run to its folder; a figure is never lost for want of one.

    Raises OSError when they cannot be written.
    """
    drawn = [(one, name) for one in subjects_of(run.config) for name in one.account.pictures]
    slices = list(read_slices(folder)) if drawn else []
    if not any(not piece.warmup for piece in slices):
        return
    for whose, name in drawn:
        make = partial(whose.account.pictures[name], run, slices)
        if text := faults.ask(whose.target, f"its picture {name}", make, ""):
            (folder / name).write_text(text, encoding="utf-8")

"""Pictures of one run, and what else is made of its slices alone, for its folder and MLflow."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from embprof.interface import faults
from embprof.interface.subjects import subjects_of
from embprof.model import Run, Slice
from embprof.tracking.folder import read_slices


def pictures(run: Run, slices: Sequence[Slice]) -> Iterator[tuple[str, str]]:
    """File name and text of each picture that the readings of this run allow."""
    if all(piece.warmup for piece in slices):
        return
    for whose in subjects_of(run.config):
        for name, make in whose.account.pictures.items():
            drawn = partial(_text, make, run, slices)
            if text := faults.ask(whose.target, f"its picture {name}", drawn, ""):
                yield name, text


def _text(make: Callable[[Run, Sequence[Slice]], str], run: Run, slices: Sequence[Slice]) -> str:
    """What is drawn; raises TypeError for what is no text."""
    (found,) = faults.all_of(str, [make(run, slices)])
    return found


def draw(run: Run, folder: Path) -> None:
    """Adds the pictures of a run to its folder; a figure is never lost for want of one.

    Raises OSError when they cannot be written.
    """
    if any(whose.account.pictures for whose in subjects_of(run.config)):
        for name, text in pictures(run, list(read_slices(folder))):
            (folder / name).write_text(text, encoding="utf-8")

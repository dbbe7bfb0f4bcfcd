"""Pictures of one run, and what else is made of its slices alone, for its folder and MLflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from embprof.measurements.load_time import picture
from embprof.measurements.load_time.table import document
from embprof.measurements.memory import picture as memory
from embprof.measurements.profile import picture as stages
from embprof.model import Run, Slice
from embprof.tracking.folder import read_slices

Draw = Callable[[Run, Sequence[Slice]], str]
"""Makes the text of a file; empty where the readings give none."""

OF_QUANTITIES: Mapping[str, tuple[str, Draw]] = {
    "elapsed": ("memory.svg", memory.draw),
    "total_load": ("load_time.svg", picture.draw),
    "import_time": ("load_time.json", document),
    "staged_call": ("stages.svg", stages.draw),
}
"""By the name of the quantity that is drawn: the file's name, and what makes its text."""


def pictures(run: Run, slices: Sequence[Slice]) -> Iterator[tuple[str, str]]:
    """File name and text of each picture that the readings of this run allow."""
    measured = [piece for piece in slices if not piece.warmup]
    names = {samples.name for piece in measured for samples in piece.samples}
    for name, (file, draw) in OF_QUANTITIES.items():
        if name in names and (text := draw(run, slices)):
            yield file, text


def draw(run: Run, folder: Path, *, say: Callable[[str], None]) -> None:
    """Adds the pictures of a run to its folder; a figure is never lost for want of one.

    Raises OSError when they cannot be written.
    """
    try:
        for name, text in pictures(run, list(read_slices(folder))):
            (folder / name).write_text(text, encoding="utf-8")
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  (whatever readings may lead a picture to)
        say(f"#{run.number} has no picture: {type(error).__name__}: {error}")

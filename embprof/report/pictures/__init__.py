"""Pictures of one run, and what else is made of its slices alone, for its folder and MLflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from embprof.measurements.load_time import picture
from embprof.measurements.load_time.table import document
from embprof.measurements.memory import picture as memory
from embprof.measurements.profile import picture as stages
from embprof.model import Run, Slice

OF_QUANTITIES: Mapping[str, tuple[str, Callable[[Run, Sequence[Slice]], str]]] = {
    memory.QUANTITY: ("memory.svg", memory.draw),
    picture.QUANTITY: ("load_time.svg", picture.draw),
    "import_time": ("load_time.json", document),
    stages.QUANTITY: ("stages.svg", stages.draw),
}
"""By the name of the quantity that is drawn: the file's name, and what makes its text."""


def pictures(run: Run, slices: Sequence[Slice]) -> Iterator[tuple[str, str]]:
    """File name and SVG text of each picture that the readings of this run allow."""
    measured = [piece for piece in slices if not piece.warmup]
    names = {samples.name for piece in measured for samples in piece.samples}
    for name, (file, draw) in OF_QUANTITIES.items():
        if name in names:
            yield file, draw(run, slices)

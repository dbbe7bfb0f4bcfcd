"""Pictures of one run, drawn from its slices alone: SVG, for the run's folder and MLflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from embprof.model import Run, Slice

OF_QUANTITIES: Mapping[str, tuple[str, Callable[[Run, Sequence[Slice]], str]]] = {}
"""By the name of the quantity that is drawn: the file's name, and what makes the SVG."""


def pictures(run: Run, slices: Sequence[Slice]) -> Iterator[tuple[str, str]]:
    """File name and SVG text of each picture that the readings of this run allow."""
    names = {samples.name for piece in slices for samples in piece.samples}
    for name, (file, draw) in OF_QUANTITIES.items():
        if name in names:
            yield file, draw(run, slices)

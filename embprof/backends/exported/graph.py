"""A graph that is loaded into a runtime: what networks ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embprof.backends.exported.batches import Feeds
from embprof.interface.backend import Fact


class Graph(Protocol):
    """A graph that is loaded into a runtime."""

    @property
    def at_once(self) -> int | None:
        """Batches that it wants to have at once, since it runs several side by side; None: all."""

    def run(self, feeds: Sequence[Feeds]) -> Sequence[NDArray[np.float32]]:
        """What comes out for each batch, (B, D) float32, in their order."""

    def weight_files(self) -> Mapping[Path, bool]:
        """The files whose bytes are its weights, and whether they are in the host's memory."""

    def facts(self) -> Mapping[str, Fact]:
        """What the runtime is, and how it runs this graph."""

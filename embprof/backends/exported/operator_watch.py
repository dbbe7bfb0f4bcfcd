"""What the operators of an exported graph took, told by the runtime that computes them.

Keeping times slows a runtime and cannot be switched on in a graph that is loaded, so watched calls
are computed by a second one, which is loaded when the watch begins.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from embprof.backends.exported.graph import Graph
from embprof.interface.operators import OperatorTime


class TimedGraph(Graph, Protocol):
    """A graph that keeps the time of each operator."""

    def times(self) -> Sequence[OperatorTime]:
        """Those of all that it ran; it runs nothing afterwards."""

    def write(self, folder: Path) -> Sequence[Path]:
        """Files of the runtime's own, after ``times``."""


@runtime_checkable
class Timable(Protocol):
    """A graph of which there can be one that keeps times."""

    def timed(self) -> TimedGraph:
        """The same graph, loaded a second time."""


class GraphWatch:
    """Has a network use the other graph while it is watched."""

    def __init__(self, graph: Timable, use: Callable[[Graph | None], None]) -> None:
        """``use``: has the network run that graph, or (None) its own again."""
        self._timed = graph.timed()
        self._use = use

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Within it, calls are computed by the graph that keeps times."""
        self._use(self._timed)
        try:
            yield
        finally:
            self._use(None)

    def times(self) -> Sequence[OperatorTime]:
        """Those of all calls that were watched."""
        return self._timed.times()

    def write(self, folder: Path) -> Sequence[Path]:
        """What the runtime wrote of them."""
        return self._timed.write(folder)

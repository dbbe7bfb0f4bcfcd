"""The operators of a network as the runtime that computes them tells them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTime:
    """One operator of a graph over all watched calls.

    ``kind``: what it computes, in the runtime's words (``MatMul``); ``name``: which of the graph's
    it is.
    """

    kind: str
    name: str
    seconds: float
    calls: int


class OperatorWatch(Protocol):
    """Looks at the operators of a network that is loaded."""

    def watching(self) -> AbstractContextManager[None]:
        """Within it, calls are computed by a graph that keeps the time of each operator."""

    def times(self) -> Sequence[OperatorTime]:
        """Those of all calls that were watched; nothing can be watched afterwards."""

    def write(self, folder: Path) -> Sequence[Path]:
        """What the runtime wrote of them in a form of its own; after ``times``."""


@runtime_checkable
class WatchesOperators(Protocol):
    """An encoder or judge, or the workload that has one, whose runtime tells of operators."""

    def watch_operators(self) -> OperatorWatch:
        """A new look; raises TypeError where nothing is told after all."""


@runtime_checkable
class TellsOperators(Protocol):
    """A backend's class whose encoders and judges are such."""

    tells_operators: ClassVar[bool]

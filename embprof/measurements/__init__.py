"""How a workload is observed: the interface that makes any class a measurement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from embprof.model import Samples
from embprof.workloads import Workload


class Measurement(Protocol):
    """Turns iterations of a workload into raw readings. Created from its YAML in the worker."""

    isolation: Literal["fork", "fresh"]
    """``fresh`` where the whole process is the subject (memory, load time), else ``fork``."""

    def open(self, workload: Workload) -> None:
        """Gets ready; the workload is loaded."""

    def observe(self, iterations: int) -> Sequence[Samples]:
        """Runs that many iterations and returns their readings, the primary quantity first."""

    def close(self) -> Sequence[Path]:
        """Files to keep with the run (profiles, plots)."""

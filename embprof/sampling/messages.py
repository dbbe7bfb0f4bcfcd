"""What a worker and its parent say to each other; each is pickled whole."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embprof.model import Samples, Slice
from embprof.sampling import allocator


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSpec:
    """All that a worker is started with. ``log`` takes what the workload prints.

    ``executable`` is the Python it runs in; ``paths`` are folders that come first where modules are
    looked for. ``canary`` times a fixed piece of work after every slice. ``waits``: it is stopped
    between its slices, while others are measured. ``light``: it is to have nothing imported that it
    does not import itself, whatever others of its sweep need.
    """

    workload: Mapping[str, Any]
    measurement: Mapping[str, Any]
    threads: int
    environment: Mapping[str, str]
    log: str
    fresh: bool
    memory_limit_mb: float | None = None
    allocator: str = allocator.DEFAULT
    canary: bool = False
    waits: bool = False
    light: bool = False
    executable: str = sys.executable
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsFresh:
    """Answer to ``open`` of a forked worker whose measurement needs an interpreter of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Answer to ``open``: how long loading took (seconds) and what the workload says of itself.

    ``restarts_every_call``: each iteration will be a process of its own.
    """

    load_seconds: float
    description: Mapping[str, Any]
    imported_torch: bool = False
    restarts_every_call: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """No answer yet, but how far a slice of minutes is."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Answer to ``observe``: worker clock at the start, seconds in all, raw readings.

    ``cpu_seconds`` were used by the worker and by processes it waited for, canary included.
    """

    started: float
    seconds: float
    samples: tuple[Samples, ...]
    cpu_seconds: float = 0.0

    def as_slice(self, restart: int, *, warmup: bool = False) -> Slice:
        """The answer as it is kept."""
        return Slice(
            restart=restart,
            warmup=warmup,
            started=self.started,
            seconds=self.seconds,
            samples=self.samples,
            cpu_seconds=self.cpu_seconds,
        )

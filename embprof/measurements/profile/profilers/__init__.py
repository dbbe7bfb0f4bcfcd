"""Ways to see which functions the time of calls is spent in, with one interface.

A profiler disturbs what it looks at, each in its own way, so its calls are never those that a
throughput is read from: what it adds is measured against calls made without it, in turn.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from embprof.interface.workload import Workload
from embprof.measurements.profile.profilers.functions import Functions

Name = Literal["pyinstrument", "cprofile", "torch", "runtime", "gil"]
"""The profilers there are: each a module here, with the class of its name in CLASSES."""
CLASSES: dict[Name, str] = {
    "pyinstrument": "Pyinstrument",
    "cprofile": "Cprofile",
    "torch": "Torch",
    "runtime": "Runtime",
    "gil": "Gil",
}


class Profiler(Protocol):
    """Watches calls, and says afterwards what they did."""

    unwatched: int
    """Calls that it makes first each time, to warm up."""

    def watch(self, call: Callable[[], float], calls: int) -> list[float]:
        """Makes so many calls while it watches; what each of them returned (its seconds)."""

    def forget(self) -> None:
        """What was seen so far does not count."""

    def functions(self) -> Functions:
        """Where the time of all watched calls went."""

    def write(self, folder: Path) -> Sequence[Path]:
        """The profile in forms of its own, as files in that folder."""


@runtime_checkable
class WatchesWorkload(Protocol):
    """A profiler that is told by the workload itself what happens in it."""

    def attach(self, workload: Workload) -> None:
        """Called once it is loaded; raises TypeError for one that tells nothing."""


@runtime_checkable
class WatchesLocks(Protocol):
    """A profiler that sees waits for locks, of those that were made while it watched loading."""

    def loading(self) -> AbstractContextManager[None]:
        """The workload is loaded within it."""

    def waits(self) -> Sequence[Mapping[str, Any]]:
        """By the line that waits: of a single caller, and once it is written of several."""


def profiler(name: Name, interval: float) -> Profiler:
    """The profiler of that name; ``interval`` is the time between two samples, where it samples.

    Raises ModuleNotFoundError, in words, where its package is not installed.
    """
    module = importlib.import_module(f"{__name__}.{name}")
    made: Profiler = getattr(module, CLASSES[name])(interval)
    return made

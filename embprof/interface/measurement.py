"""How a workload is observed: the interface that makes any class a measurement."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from embprof.interface.workload import Workload
from embprof.machine.process_facts import Facts
from embprof.model import Samples


class Measurement(Protocol):
    """Turns iterations of a workload into raw readings. Created from its YAML in the worker."""

    isolation: Literal["fork", "fresh"]
    """``fresh`` where the whole process is the subject, else ``fork``."""

    def open(self, workload: Workload) -> None:
        """Gets ready; the workload is loaded."""

    def observe(self, iterations: int) -> Sequence[Samples]:
        """Runs that many iterations and returns their readings, the primary quantity first."""

    def close(self) -> Sequence[Path]:
        """Files to keep with the run (profiles, plots)."""


@runtime_checkable
class LoadsWorkload(Protocol):
    """A measurement to which loading is part of what is observed."""

    def load(self, workload: Workload) -> None:
        """Calls ``workload.load()``, in place of the worker, which calls it otherwise."""


@runtime_checkable
class StartsWorkload(Protocol):
    """A measurement of which every iteration starts the workload in a process of its own.

    The workload is never created in the worker, and ``open`` is not called: ``configure`` is.
    Every iteration is a restart, so a gate takes each by itself.
    """

    def configure(self, workload: Mapping[str, Any], paths: Sequence[str]) -> None:
        """The workload's configuration, resolved, and folders that come first among modules."""

    def facts(self) -> Facts:
        """What the last of these processes ran: its libraries, the user's code in it."""


@runtime_checkable
class LeavesOutWarmup(Protocol):
    """A measurement that keeps more than the readings it returns (a profile), without warm-up."""

    def measuring(self) -> None:
        """Called once, when what is observed from now on counts."""


@runtime_checkable
class Finishes(Protocol):
    """A measurement that reads something once, which would disturb what it observes."""

    def finish(self) -> Sequence[Samples]:
        """Called once, after the last iteration; a gate does not ask for it."""


@runtime_checkable
class Describes(Protocol):
    """A measurement that found facts worth keeping; asked when it has measured."""

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """Facts that hold for the restart; a later restart's replace an earlier one's."""


@runtime_checkable
class TellsProgress(Protocol):
    """A measurement whose slices last for minutes, which says how far it is."""

    def telling(self, tell: Callable[[str], None]) -> None:
        """Gets, before ``open``, what takes a few words; to be called while nothing is timed."""


@runtime_checkable
class StartsCold(Protocol):
    """A measurement's class whose restarts may have to find no file of theirs in memory."""

    def let_go_of_files(self, measurement: Mapping[str, Any]) -> bool:
        """A classmethod: lets go of what this process has mapped, if this measurement asks for it.

        Called before each restart, in the process that sweeps. True: it does ask, so that no other
        process of ours may have files mapped either.
        """


@runtime_checkable
class Ungated(Protocol):
    """A measurement of which a gate could not judge a change."""

    ungated: ClassVar[str]
    """Why not, and what to do instead."""


@runtime_checkable
class Needs(Protocol):
    """A measurement that observes what only some workloads have."""

    needs: ClassVar[type]
    """The protocol of :mod:`embprof.workloads` that a workload must satisfy."""

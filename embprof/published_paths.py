"""Import paths that users wrote into YAML and code, and where what they name lives now.

Configurations, stored runs and their keys hold class paths, so a path that was published once stays
valid, whatever happens inside the package. Here and nowhere else it is known where such a path
leads; the package itself imports from where things are.
"""

import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object  # importlib.abc takes a fifth of the time that --help has

MOVED: Mapping[str, str] = {
    "embprof.cache": "embprof.interface.array_cache",
    "embprof.environment": "embprof.machine",
    "embprof.functions": "embprof.workloads.callable.functions",
    "embprof.measurements.capacity": "embprof.measurements.load.capacity",
    "embprof.measurements.closed_loop": "embprof.measurements.load.closed_loop",
    "embprof.measurements.leak_place": "embprof.measurements.leak.place",
    "embprof.measurements.open_loop": "embprof.measurements.load.open_loop",
    "embprof.statements": "embprof.workloads.sql.statements",
    "embprof.summary": "embprof.interface.figures",
    "embprof.workloads.stages": "embprof.interface.stages",
}
"""Modules and packages by their former names; what is below a package moved along with it."""


class _Alias(Loader):
    """Gives a module that is imported under its former name: the same one, not a second copy."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._own: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:  # noqa: ARG002  (a loader's signature)
        """The module as it is imported under its present name."""
        module = importlib.import_module(self._name)
        self._own = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to run; the machinery has put its own spec into the module."""
        module.__spec__ = self._own


class _FormerNames:
    """Finds modules by the names of :data:`MOVED`."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  (a finder's signature)
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """The spec of a moved module; None for all others."""
        for former, present in MOVED.items():
            if fullname == former or fullname.startswith(f"{former}."):
                return ModuleSpec(fullname, _Alias(present + fullname[len(former) :]))
        return None


def register() -> None:
    """Makes former names importable; safe to call again."""
    if not any(isinstance(finder, _FormerNames) for finder in sys.meta_path):
        sys.meta_path.append(_FormerNames())

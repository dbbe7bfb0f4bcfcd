"""From a class path in YAML to the class, in the process that plans.

Third-party code is imported here as ours is, but for one thing: what takes seconds to import is
not let in (:data:`HEAVY`). A class whose module imports torch at its top can be measured all the
same, since only its worker needs it. What a module prints while it is imported is dropped: its
worker prints it again, into the log of the run.
"""

import contextlib
import importlib
import io
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

HEAVY = frozenset({"jax", "onnxruntime", "openvino", "tensorflow", "torch"})
"""Packages that take seconds and hundreds of megabytes: the process that plans goes without."""


class HeavyImportError(ImportError):
    """A module that is imported for what it says asked for something heavy."""


def find_class(target: str) -> Any | None:
    """The class at that import path; None where there is no such module, or no such name in it.

    Raises HeavyImportError where its module imports something heavy, and whatever else a broken
    module raises.
    """
    module_name, _, class_name = target.rpartition(".")
    if not module_name:
        return None
    if module_name in _heavy and _heavy[module_name].name not in sys.modules:
        raise _heavy[module_name]  # half of its imports would be done again to find out
    try:
        with without_heavy(), _quiet():
            return getattr(importlib.import_module(module_name), class_name, None)
    except HeavyImportError as error:
        _heavy[module_name] = error
        raise
    except ModuleNotFoundError as error:
        if f"{module_name}.".startswith(f"{error.name}."):
            return None
        raise


_heavy: dict[str, HeavyImportError] = {}
"""Modules that were found to import something heavy."""


def find_light_class(target: str) -> Any | None:
    """As :func:`find_class`; None too where the class cannot be had without a heavy import."""
    try:
        return find_class(target)
    except HeavyImportError:
        return None


def find_source(module_name: str) -> str | None:
    """The file of a module; neither it nor a package that it is in is imported."""
    spec, path = None, None
    names = module_name.split(".")
    for length in range(1, len(names) + 1):
        spec = PathFinder.find_spec(".".join(names[:length]), path)
        if spec is None:
            return None
        path = spec.submodule_search_locations
    return None if spec is None else spec.origin


@contextlib.contextmanager
def without_heavy() -> Iterator[None]:
    """Within it importing something heavy raises HeavyImportError, unless it is there already."""
    refusing = _Refusing()
    sys.meta_path.insert(0, refusing)
    try:
        yield
    finally:
        sys.meta_path.remove(refusing)


class _Refusing(MetaPathFinder):
    """Stands before the other finders and refuses what is heavy."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  (MetaPathFinder's signature)
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """None, which lets the next finder look; raises HeavyImportError for what is heavy."""
        if fullname.partition(".")[0] in HEAVY:
            raise HeavyImportError(
                f"{fullname} takes seconds to import, so only workers do; import it in a method",
                name=fullname.partition(".")[0],
            )
        return None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    dropped = io.StringIO()
    with contextlib.redirect_stdout(dropped), contextlib.redirect_stderr(dropped):
        yield

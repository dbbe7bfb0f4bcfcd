"""From a class path in YAML to the class and to the account it names, in the process that plans.

Third-party code is imported here as ours is, but for one thing: what takes seconds to import is
not let in (:data:`HEAVY`). A class whose module imports torch at its top can be measured all the
same, since only its worker needs it; what it tells of itself is then read from its source.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from embprof.interface import faults
from embprof.interface.account import NOTHING, Account

OWN_PREFIX = "embprof."
WINGS = ("embprof.workloads.", "embprof.measurements.")
HEAVY = frozenset({"jax", "onnxruntime", "openvino", "tensorflow", "torch"})
"""Packages that take seconds and hundreds of megabytes: the process that plans goes without."""


class HeavyImportError(ImportError):
    """A module that is imported for what it says asked for something heavy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A workload or a measurement: its class path, what it is called, and its account.

    ``name``: ``memory`` for one of ours; the whole class path for another's, so that no two
    subjects are called the same.
    """

    target: str
    name: str
    account: Account

    @property
    def is_own(self) -> bool:
        """Whether it comes with embprof, so that an option has its name."""
        return self.name != self.target


def measurement_of(config: Mapping[str, Any]) -> Subject:
    """The measurement of a job or a run."""
    return subject(str(config.get("measurement", {}).get("_target_", "")))


def workload_of(config: Mapping[str, Any]) -> Subject:
    """The workload of a job or a run."""
    return subject(str((config.get("workload") or {}).get("_target_", "")))


def subjects_of(config: Mapping[str, Any]) -> tuple[Subject, Subject]:
    """Both, the measurement first."""
    return measurement_of(config), workload_of(config)


def subject(target: str) -> Subject:
    """The subject at a class path; one that tells nothing where there is no such class."""
    path = account_path(target)
    account = NOTHING if path is None else _account(target, path)
    return Subject(target=target, name=name_of(target), account=account)


def name_of(target: str) -> str:
    """What a class is called: ``memory`` for ours, the whole path for another's."""
    for wing in WINGS:
        if target.startswith(wing):
            return target.removeprefix(wing).rpartition(".")[0]
    return target


def find_class(target: str) -> Any | None:
    """The class at that import path; None where there is none, or its module cannot be imported.

    Raises HeavyImportError where its module imports something heavy at its top.
    """
    module_name, _, class_name = target.rpartition(".")
    if not module_name:
        return None
    with _without_heavy():
        try:
            return getattr(importlib.import_module(module_name), class_name, None)
        except HeavyImportError:
            raise
        except ImportError:
            return None


@functools.cache
def account_path(target: str) -> str | None:
    """The import path of the account that a class names; None where it names none."""
    try:
        found = find_class(target)
    except HeavyImportError:
        return _account_in_source(target)
    except Exception as error:  # noqa: BLE001  (importing another's module may raise anything)
        faults.note(target, "its import", f"{type(error).__name__}: {error}")
        return None
    path = getattr(found, "account", None)
    return path if isinstance(path, str) else None


def _account(target: str, path: str) -> Account:
    def load() -> Account:
        module_name, _, name = path.rpartition(".")
        with _without_heavy():
            found = getattr(importlib.import_module(module_name), name)
        if not isinstance(found, Account):
            raise TypeError(f"{path} is no Account")
        return found

    return faults.ask(target, "its account", load, NOTHING)


def _account_in_source(target: str) -> str | None:
    """``account = "…"`` in the body of the class, read without importing its module."""
    module_name, _, class_name = target.rpartition(".")
    spec = find_spec(module_name)
    if spec is None or spec.origin is None:
        return None
    with contextlib.suppress(OSError, SyntaxError, UnicodeDecodeError):
        tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name == class_name:
                return _constant(node, "account")
    return None


def _constant(node: ast.ClassDef, name: str) -> str | None:
    for line in node.body:
        targets: Sequence[ast.expr] = ()
        if isinstance(line, ast.Assign):
            targets = line.targets
        elif isinstance(line, ast.AnnAssign):
            targets = (line.target,)
        is_named = any(isinstance(one, ast.Name) and one.id == name for one in targets)
        value = getattr(line, "value", None)
        if is_named and isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return None


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
            raise HeavyImportError(f"{fullname} is not imported here", name=fullname)
        return None


@contextlib.contextmanager
def _without_heavy() -> Iterator[None]:
    refusing = _Refusing()
    sys.meta_path.insert(0, refusing)
    try:
        yield
    finally:
        sys.meta_path.remove(refusing)

"""What a subject is called and what it tells of itself, found by the class path in YAML.

A class that is not there any more, or whose module is broken, tells nothing; that is named where
faults are collected. Of a class that cannot be imported without torch the account is found in its
source.
"""

import ast
import contextlib
import dataclasses
import functools
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from embprof.interface import faults
from embprof.interface.account import NOTHING, Account
from embprof.interface.classes import HeavyImportError, find_class, find_source, without_heavy
from embprof.interface.complaints import complaint
from embprof.interface.faults import in_a_line

WINGS = ("embprof.workloads.", "embprof.measurements.")
GONE = "there is no such class here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A workload or a measurement: its class path, what it is called, and its account.

    ``name``: ``memory`` for one of ours; the whole class path for a third-party one, so that no two
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


def supporting_of(config: Mapping[str, Any]) -> frozenset[str]:
    """The quantities of a run that are no figures of their own, by its subjects' accounts."""
    return frozenset().union(*(one.account.supporting for one in subjects_of(config)))


def subject(target: str) -> Subject:
    """The subject at a class path; one that tells nothing where there is no such class."""
    path, wrong = _named_by(target)
    if wrong:
        faults.note(target, "its import", wrong)
    account = NOTHING if path is None else _account(target, path)
    return Subject(target=target, name=name_of(target), account=account)


def name_of(target: str) -> str:
    """What a class is called: ``memory`` for ours, the whole path for a third-party one."""
    for wing in WINGS:
        if target.startswith(wing):
            return target.removeprefix(wing).rpartition(".")[0]
    return target


@functools.cache
def _named_by(target: str) -> tuple[str | None, str]:
    """The account that a class names, and what is wrong with the class, if anything is."""
    try:
        found = find_class(target)
    except HeavyImportError:
        return _account_in_source(target), ""
    except (Exception, SystemExit) as error:  # noqa: BLE001  (a third-party module may raise anything)
        return None, in_a_line(error)
    if found is None:
        return None, f"{GONE}; its runs are shown as those of any subject" if target else ""
    path = getattr(found, "account", None)
    return (path if isinstance(path, str) else None), ""


def _account(target: str, path: str) -> Account:
    def load() -> Account:
        module_name, _, name = path.rpartition(".")
        with without_heavy():
            found = getattr(importlib.import_module(module_name), name)
        if not isinstance(found, Account):
            raise TypeError(f"{path} is no Account")
        return found

    return _usable(target, faults.ask(target, "its account", load, NOTHING))


def _usable(target: str, account: Account) -> Account:
    """The account without the entries that are not of the kind that the interface names."""
    if id(account) not in _wrong:
        _wrong[id(account)] = account, _wrong_entries(account)
    known, wrong = _wrong[id(account)]
    for name, complained in wrong.items():
        faults.note(target, f"{name} of its account", complained)
    left_out = {name: getattr(NOTHING, name) for name in wrong}
    return dataclasses.replace(known, **left_out) if wrong else known


_wrong: dict[int, tuple[Account, Mapping[str, str]]] = {}
"""What was found in each account; it is kept, so that no other can have its id."""


def _wrong_entries(account: Account) -> dict[str, str]:
    found = {}
    for name, adapter in _adapters().items():
        try:
            adapter.validate_python(getattr(account, name))
        except ValidationError as error:
            found[name] = complaint(error.errors(include_url=False)[0])
    return found


@functools.cache
def _adapters() -> Mapping[str, TypeAdapter[Any]]:
    config = ConfigDict(arbitrary_types_allowed=True)
    return {
        name: TypeAdapter(hint, config=config) for name, hint in get_type_hints(Account).items()
    }


def _account_in_source(target: str) -> str | None:
    """``account = "…"`` in the body of the class, read without importing its module."""
    module_name, _, class_name = target.rpartition(".")
    file = find_source(module_name)
    if file is None:
        return None
    with contextlib.suppress(OSError, SyntaxError, UnicodeDecodeError):
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
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
        is_found = any(isinstance(one, ast.Name) and one.id == name for one in targets)
        value = getattr(line, "value", None)
        if is_found and isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return None

"""Classes that are named in YAML: whether they are there, and take what they are given.

Only ours are imported here: another's module may import torch, which this process must not. A
wrong parameter of theirs is told by the worker.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Annotated, Any, Protocol, get_origin, get_type_hints, runtime_checkable

from pydantic import TypeAdapter, ValidationError

from embprof.interface import nested
from embprof.interface.complaints import complaint, shown
from embprof.interface.measurement import Needs
from embprof.interface.network import Model
from embprof.interface.workload import Imports, ImportsAsAsked, Refuses

OWN_PREFIX = "embprof."
GROUPS = ("corpus", "workload", "measurement")
MODELS = ("model", "cross_encoder")
"""Groups of networks; the schema has looked at them already."""


@runtime_checkable
class Fingerprints(Protocol):
    """A part of a workload that reads something: texts, statements."""

    def fingerprint(self) -> str:
        """Hex SHA-256 of all of it; asked in the process that plans."""


def plugin_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Import paths that lead nowhere, and parameters that a class of ours does not take."""
    known = [config[group] for group in GROUPS]
    for group in GROUPS:
        yield from _problems(group, config[group], config)
        for place, node in nested.plugins(config[group]):
            if node not in known:
                # A part is told what it would be told if it stood alone.
                yield from _problems(".".join((group, *place)), node, {**config, group: node})
    yield from _model_problems(config)
    yield from _unmet_need(config)


def own_class(target: str) -> Any | None:
    """The class of ours at that import path; None for another's, and where there is none."""
    if not target.startswith(OWN_PREFIX):
        return None
    module_name, _, class_name = target.rpartition(".")
    try:
        return getattr(importlib.import_module(module_name), class_name, None)
    except ImportError:
        return None


def imports_torch(workload: Mapping[str, Any]) -> bool:
    """Whether a workload is known to: one of ours that says so."""
    cls = own_class(workload["_target_"])
    if isinstance(cls, ImportsAsAsked):
        return "torch" in cls.imports_of(workload)
    return isinstance(cls, Imports) and "torch" in cls.imports


def _problems(place: str, node: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    target = node["_target_"]
    module_name, _, class_name = target.rpartition(".")
    if not _module_exists(module_name):
        yield (
            f"{place}._target_={target}: there is no module {module_name}; is it in "
            "this folder or on PYTHONPATH?"
        )
        return
    if not target.startswith(OWN_PREFIX):
        return
    cls = own_class(target)
    if cls is None:
        yield f"{place}._target_={target}: the module has no {class_name}"
        return
    problems = [*_parameter_problems(place, node, cls), *_value_problems(place, node, cls)]
    yield from problems
    if not problems and place == "measurement":
        yield from _refused_values(node, cls)
    if not problems and isinstance(cls, Refuses):
        yield from cls.refusals(config)


def _parameter_problems(place: str, node: Mapping[str, Any], cls: Any) -> Iterator[str]:
    parameters = inspect.signature(cls).parameters
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in node:
            yield f"{place}.{name}: must be given"
    for name in node:
        if name != "_target_" and name not in parameters:
            close = difflib.get_close_matches(name, parameters, n=1)
            hint = f", did you mean {place}.{close[0]}?" if close else ""
            yield f"{place}.{name}: {cls.__name__} takes no {name}{hint}"


def _value_problems(place: str, node: Mapping[str, Any], cls: Any) -> Iterator[str]:
    """Values that are not what the class's annotations take."""
    for name, adapter in adapters(cls).items():
        if name not in node:
            continue
        try:
            adapter.validate_python(node[name])
        except ValidationError as error:
            detail = error.errors(include_url=False)[-1]
            yield f"{place}.{name}={shown(node[name])}: {complaint(detail)}"


@functools.cache
def adapters(cls: Any) -> Mapping[str, TypeAdapter[Any]]:
    """What checks each parameter whose annotation says more than a type."""
    hints = get_type_hints(cls, include_extras=True)
    return {
        name: TypeAdapter(hint) for name, hint in hints.items() if get_origin(hint) is Annotated
    }


def _refused_values(node: Mapping[str, Any], cls: Any) -> Iterator[str]:
    """Parameters that a measurement of ours refuses; making one does nothing yet."""
    try:
        cls(**{name: value for name, value in node.items() if name != "_target_"})
    except ValueError as error:
        yield f"measurement.{error}"


def _model_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Networks that a workload's YAML names itself."""
    known = [config[group] for group in MODELS]
    for place, node in nested.find(config["workload"], nested.MODEL):
        if node in known:
            continue
        try:
            Model.model_validate(node)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                key = ".".join(("workload", *place, *map(str, detail["loc"])))
                yield f"{key}: {complaint(detail)}"


def _unmet_need(config: Mapping[str, Any]) -> Iterator[str]:
    """A measurement of ours that the workload, one of ours, has nothing to offer to."""
    workload = own_class(config["workload"]["_target_"])
    measurement = own_class(config["measurement"]["_target_"])
    if workload is None or not isinstance(measurement, Needs):
        return
    if not issubclass(workload, measurement.needs):
        name = config["measurement"]["_target_"].rpartition(".")[0].rpartition(".")[2]
        need = (measurement.needs.__doc__ or "").partition("\n")[0].rstrip(".")
        yield (
            f"measurement={name}: needs {need[:1].lower()}{need[1:]}; {workload.__name__} is none"
        )


def _module_exists(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:  # a parent package that is not there, or fails to import
        return False

"""Classes that are named in YAML, ours and third-party: whether they take what they are given.

They are asked here, without torch, or where that is not possible in a process of their own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from embprof.backends import finding
from embprof.config import class_checks, heavy_classes
from embprof.config.options import OF_MODELS
from embprof.interface import nested
from embprof.interface.classes import HeavyImportError, without_heavy
from embprof.interface.complaints import complaint
from embprof.interface.network import Model

GROUPS = ("corpus", "workload", "measurement")
PART_OF = "part_of"
"""The class that a part stands in, in the configuration that its refusals are asked about."""


def plugin_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Import paths that lead nowhere, parameters that a class does not take, what it refuses."""
    known = [config[group] for group in (*GROUPS, finding.KEY)]
    if any(nested.find(config["workload"], finding.KEY)):
        yield from _parameters_of_backend(config)
    for group in GROUPS:
        yield from _problems(group, config[group], config)
        for place, node in nested.plugins(config[group]):
            if node not in known:
                # A part is told what it would be told if it stood alone, and what it is a part of.
                part = {**config, group: node, PART_OF: config[group].get("_target_")}
                yield from _problems(".".join((group, *place)), node, part)
    yield from _model_problems(config)
    try:
        yield from _answer("unmet_need", str(config["measurement"]["_target_"]), config)
    except heavy_classes.UnansweredError:
        return  # the problems of its class are told already


def remarks(config: Mapping[str, Any]) -> list[str]:
    """What workload and backends have to say of a request in which nothing is wrong."""
    found: list[str] = _answer("remarks", str(config["workload"]["_target_"]), config)
    return [*found, *_of_backends("backend_remarks", config)]


def backend_problems(config: Mapping[str, Any]) -> list[str]:
    """Why a backend cannot run its model here; asked when model and parameters are known to do."""
    return _of_backends("backend_problems", config)


def _of_backends(question: str, config: Mapping[str, Any]) -> list[str]:
    """What each backend says of the model that stands beside it."""
    found: dict[str, None] = {}
    for place, node in nested.find(config["workload"], finding.KEY):
        owner = nested.at(config["workload"], place[:-1])
        kind = task(config["workload"], place)
        if not isinstance(owner.get(nested.MODEL), Mapping) or kind is None:
            continue
        backend, known = finding.with_class(node), {"device": config["device"], **owner}
        about = {**known, "seed": config["seed"]}
        said = _answer(question, str(backend["_target_"]), backend, about, kind)
        found.update(dict.fromkeys(said))
    return list(found)


def imports_torch(workload: Mapping[str, Any]) -> bool:
    """Whether a workload is known to: its class says so, or its module does at its top."""
    try:
        with without_heavy():
            return "torch" in class_checks.imports(workload)
    except HeavyImportError as error:
        return error.name == "torch"


def needs_torch(config: Mapping[str, Any]) -> bool:
    """Whether a job's worker is known to import it, for its workload or its measurement."""
    try:
        with without_heavy():
            own = class_checks.imports_as_asked(config["measurement"])
    except HeavyImportError as error:
        own = [str(error.name)]
    return "torch" in own or imports_torch(config["workload"])


def is_light(config: Mapping[str, Any]) -> bool:
    """Whether all that a job's workload stands on is known, and nothing needs PyTorch."""
    return any(nested.find(config["workload"], finding.KEY)) and not needs_torch(config)


def ungated(target: str) -> str | None:
    """Why a gate could not judge a change of this measurement; None where it can."""
    found: str | None = _answer("ungated", target, target)
    return found


def is_of_processes(target: str) -> bool:
    """Whether a measurement reads a whole process, which has to be a fresh one."""
    found: bool = _answer("is_of_processes", target, target)
    return found


def task(workload: Mapping[str, Any], place: nested.Place) -> str | None:
    """What the model at that place of a workload is for; None where its class does not say."""
    target = nested.at(workload, place[:-1]).get("_target_")
    try:
        found: str | None = None if target is None else _answer("task", str(target), str(target))
    except heavy_classes.UnansweredError:
        return None  # the problems of its class are told already
    return found


def contents(node: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The hash of what a part of a workload reads, and a note on it; None where it tells none.

    Raises InstantiationException, ValueError and OSError where that cannot be read.
    """
    sha256, note = _answer("contents", str(node["_target_"]), node)
    return sha256, note


def _problems(place: str, node: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    target = str(node["_target_"])
    try:
        yield from _answer("problems", target, place, node, config)
    except heavy_classes.UnansweredError as error:
        yield f"{place}._target_={target}: {error}"


def _parameters_of_backend(config: Mapping[str, Any]) -> Iterator[str]:
    """What its class does not take; of several backends that are swept, which it is."""
    node = config[finding.KEY]
    for problem in _problems(finding.KEY, finding.with_class(node), config):
        yield f"{finding.KEY}={node['name']} {problem}" if "name" in node else problem


def _answer(question: str, target: str, *arguments: Any) -> Any:
    """The answer of a function of ``class_checks``; ``target`` is the class that it is about."""
    try:
        with without_heavy():
            return getattr(class_checks, question)(*arguments)
    except HeavyImportError:
        return heavy_classes.ask(question, target, arguments)


def _model_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Networks that a workload's YAML names itself."""
    known = [config[group] for group in OF_MODELS]  # the schema has looked at these
    for place, node in nested.find(config["workload"], nested.MODEL):
        if node in known:
            continue
        try:
            Model.model_validate(node)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                key = ".".join(("workload", *place, *map(str, detail["loc"])))
                yield f"{key}: {complaint(detail)}"

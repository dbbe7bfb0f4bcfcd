"""What a class that is named in YAML says of the request: its parameters, its refusals, its needs.

Each question is a function of plain values with a plain answer, so that it can be asked in another
process (:mod:`embprof.config.heavy_classes`). All raise HeavyImportError where a class asks for
something heavy. What else goes wrong inside a class is a fault of the class and costs its answer:
the job is measured without it.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Annotated, Any, Protocol, TypeVar, get_origin, get_type_hints, runtime_checkable

from pydantic import TypeAdapter, ValidationError

from embprof.config import options
from embprof.config.hints import did_you_mean
from embprof.interface import faults, nested
from embprof.interface.backend import Backend, Network, Task
from embprof.interface.classes import HeavyImportError, find_class
from embprof.interface.complaints import complaint, shown
from embprof.interface.measurement import Needs, Ungated
from embprof.interface.workload import Imports, ImportsAsAsked, Refuses, Remarks, RunsModel
from embprof.own_modules import hidden_file

T = TypeVar("T")
OF_HYDRA = frozenset({"_target_", "_args_", "_convert_", "_partial_", "_recursive_"})
"""Keys of a node that are for Hydra and no parameters of the class."""
NAMED = frozenset({inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY})


@runtime_checkable
class Fingerprints(Protocol):
    """A part of a workload that reads something: texts, statements."""

    def fingerprint(self) -> str:
        """Hex SHA-256 of all of it; asked in the process that plans."""


@runtime_checkable
class Surveys(Protocol):
    """One that can say how much of a user's file it takes."""

    def survey(self) -> tuple[str, str | None]:
        """The fingerprint, and what is to be said of rows that are left out; read once."""


def problems(place: str, node: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    """Why the class of a node cannot be made as asked, or refuses the request.

    ``place`` is the key of the node: ``measurement``, ``workload.inner``.
    """
    target = str(node["_target_"])
    try:
        cls = find_class(target)
    except HeavyImportError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  (a third-party module may raise anything)
        problem = f"{target.rpartition('.')[0]} cannot be imported: {faults.in_a_line(error)}"
        return [f"{place}._target_={target}: {problem}"]
    if cls is None:
        return [f"{place}._target_={target}: {_missing(target)}"]
    found = [*_parameter_problems(place, node, cls), *_value_problems(place, node, cls)]
    if not found and place == "measurement":
        found += _refused_values(node, cls)
    if not found and isinstance(cls, Refuses):
        found += _ask(target, "its refusals", lambda: _texts(cls.refusals(config)), [])
    return found


def remarks(config: Mapping[str, Any]) -> list[str]:
    """What the workload's class has to say of a request that it does not refuse."""
    target = str(config["workload"]["_target_"])
    cls = _class(target)
    if not isinstance(cls, Remarks):
        return []
    return _ask(target, "its remarks", lambda: _texts(cls.remarks(config)), [])


def backend_problems(node: Mapping[str, Any], owner: Mapping[str, Any], task: Task) -> list[str]:
    """Why a backend cannot run the network of its workload here."""
    network, target = Network.of(owner, task), str(node["_target_"])
    return _ask(target, "its problems", lambda: _texts(_backend(node).problems(network)), [])


def backend_remarks(node: Mapping[str, Any], owner: Mapping[str, Any], task: Task) -> list[str]:
    """What is worth knowing of a backend that can."""
    network, target = Network.of(owner, task), str(node["_target_"])
    return _ask(target, "its remarks", lambda: _texts(_backend(node).remarks(network)), [])


def _backend(node: Mapping[str, Any]) -> Backend:
    cls: Any = find_class(str(node["_target_"]))
    made: Backend = cls(**{key: value for key, value in node.items() if key not in OF_HYDRA})
    return made


def unmet_need(config: Mapping[str, Any]) -> list[str]:
    """A measurement that the workload has nothing to offer to."""
    target = str(config["measurement"]["_target_"])
    workload, measurement = _class(str(config["workload"]["_target_"])), _class(target)
    if not isinstance(workload, type) or not isinstance(measurement, Needs):
        return []
    needs = measurement.needs
    if _ask(target, "what it needs", lambda: issubclass(workload, needs), otherwise=True):
        return []
    need = (needs.__doc__ or needs.__name__).partition("\n")[0].rstrip(".")
    name = options.name_of("measurement", target) or target
    return [f"measurement={name}: needs {need[:1].lower()}{need[1:]}; {workload.__name__} is none"]


def ungated(target: str) -> str | None:
    """Why a gate could not judge a change of this measurement; None where it can."""
    measurement = _class(target)
    return str(measurement.ungated) if isinstance(measurement, Ungated) else None


def is_of_processes(target: str) -> bool:
    """Whether a measurement reads a whole process, which has to be a fresh one."""
    return getattr(_class(target), "isolation", None) == "fresh"


def imports(node: Mapping[str, Any]) -> list[str]:
    """The libraries that a workload says it stands on."""
    cls = _class(str(node["_target_"]))
    if isinstance(cls, ImportsAsAsked):
        return imports_as_asked(node)
    return _texts(cls.imports) if isinstance(cls, Imports) else []


def imports_as_asked(node: Mapping[str, Any]) -> list[str]:
    """The libraries that a class says of such a node, where it can be asked."""
    target = str(node["_target_"])
    cls = _class(target)
    if not isinstance(cls, ImportsAsAsked):
        return []
    return _ask(target, "what it imports", lambda: _texts(cls.imports_of(node)), [])


def task(target: str) -> str | None:
    """What a workload's model is for; None where it does not say."""
    cls = _class(target)
    return str(cls.task) if isinstance(cls, RunsModel) else None


def contents(node: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The hash of what a part of a workload reads, and a note on it; None where it tells none.

    Raises InstantiationException, ValueError and OSError where that cannot be read.
    """
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate

    if not isinstance(_class(str(node["_target_"])), Fingerprints):
        return None, None
    try:
        made = instantiate(node)
        return made.survey() if isinstance(made, Surveys) else (str(made.fingerprint()), None)
    except InstantiationException as error:
        if isinstance(error.__cause__, HeavyImportError):
            raise error.__cause__ from error
        raise


@functools.cache
def adapters(cls: Any) -> Mapping[str, TypeAdapter[Any]]:
    """What checks each parameter whose annotation says more than a type."""
    try:
        of_init = get_type_hints(cls.__init__, include_extras=True)
        hints = {**of_init, **get_type_hints(cls, include_extras=True)}
    except (NameError, AttributeError, TypeError):  # names that only type checkers have
        return {}
    return {
        name: TypeAdapter(hint) for name, hint in hints.items() if get_origin(hint) is Annotated
    }


def _parameter_problems(place: str, node: Mapping[str, Any], cls: Any) -> Iterator[str]:
    try:
        parameters = inspect.signature(cls).parameters
    except (TypeError, ValueError):  # of a class in C nothing is known
        return
    names = [name for name, parameter in parameters.items() if parameter.kind in NAMED]
    has_any = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())
    for name in names:
        if parameters[name].default is inspect.Parameter.empty and not {name, "_args_"} & set(node):
            yield f"{place}.{name}: must be given"
    for name in node:
        if name not in OF_HYDRA and name not in names and not has_any:
            hint = did_you_mean(name, names, f"{place}.")
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


def _refused_values(node: Mapping[str, Any], cls: Any) -> list[str]:
    """Parameters that a measurement refuses; making one does nothing yet.

    One that is made of parts is left to the worker, which makes the parts first.
    """
    if OF_HYDRA & set(node) != {"_target_"} or any(nested.plugins(node)):
        return []
    parameters = {name: value for name, value in node.items() if name != "_target_"}
    try:
        _ask(str(node["_target_"]), "making it", lambda: cls(**parameters), None, ValueError)
    except ValueError as error:
        return [f"measurement.{error}"]
    return []


def _ask(
    target: str, part: str, call: Callable[[], T], otherwise: T, *passing: type[Exception]
) -> T:
    return faults.ask(target, part, call, otherwise, passing=(HeavyImportError, *passing))


def _texts(found: Iterator[str] | Sequence[str]) -> list[str]:
    return [str(one) for one in found]


def _class(target: str) -> Any | None:
    """The class; None too where its module is broken, which is told where problems are."""
    try:
        return find_class(target)
    except HeavyImportError:
        raise
    except (Exception, SystemExit):  # noqa: BLE001  (likewise)
        return None


def _missing(target: str) -> str:
    module_name, _, class_name = target.rpartition(".")
    try:
        if find_spec(module_name) is not None:
            return f"the module has no {class_name}{hidden_file(module_name)}"
    except (ImportError, ValueError):  # a parent package that is not there
        pass
    return f"there is no module {module_name}; is it in this folder or on PYTHONPATH?"

"""Whether arguments fit what is to be called, by its source or by itself.

By its source a function or class only promises something: decorators and bases may change it.
"""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from inspect import Parameter, Signature

from embprof.config.hints import did_you_mean
from embprof.workloads.callable.functions.reference import STEP
from embprof.workloads.callable.functions.source import Definition

Function = ast.FunctionDef | ast.AsyncFunctionDef
IN_ORDER = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """What is wrong; ``argument`` is the one that it is about, None if it is about none."""

    argument: str | None
    message: str


def misfits(
    name: str, signature: Signature, arguments: Collection[str], *, takes_items: bool
) -> Iterator[Misfit]:
    """Why ``name(**arguments)``, or ``name(items, **arguments)``, would be a TypeError."""
    parameters = signature.parameters.values()
    first = next((one for one in parameters if one.kind in IN_ORDER), None)
    kinds = {one.kind for one in parameters}
    if takes_items and first is None and Parameter.VAR_POSITIONAL not in kinds:
        message = f"{name}() has no parameter for the list of items that workload.batch asks for"
        yield Misfit(argument=None, message=message)
    filled = first if takes_items else None
    known = [one.name for one in parameters if one.kind in BY_NAME and one is not filled]
    for argument in arguments:
        if filled is not None and filled.kind in BY_NAME and argument == filled.name:
            yield Misfit(argument=argument, message=f"{name}() is given the items as {argument}")
        elif argument not in known and Parameter.VAR_KEYWORD not in kinds:
            message = f"{name}() takes no {argument}{did_you_mean(argument, known)}"
            yield Misfit(argument=argument, message=message)
    for one in parameters:
        is_needed = one.kind in (*IN_ORDER, Parameter.KEYWORD_ONLY) and one.default is one.empty
        if not is_needed or one is filled or (one.kind in BY_NAME and one.name in arguments):
            continue
        hint = "; workload.batch=N hands it a list of N items" if one is first else ""
        yield Misfit(argument=one.name, message=f"{name}() needs {one.name}{hint}")


def broken(found: Definition, arguments: Collection[str], *, takes_items: bool) -> Iterator[Misfit]:
    """Why it cannot be called; nothing where decorators or bases decide what it takes."""
    if found.decorator_list:
        return
    if not isinstance(found, ast.ClassDef):
        yield from misfits(found.name, _read(found.args), arguments, takes_items=takes_items)
    elif not (found.bases or found.keywords):
        yield from _of_class(found, arguments, takes_items=takes_items)


def _of_class(
    found: ast.ClassDef, arguments: Collection[str], *, takes_items: bool
) -> Iterator[Misfit]:
    methods = {one.name: one for one in found.body if isinstance(one, Function)}
    made, step = methods.get("__init__"), methods.get(STEP)
    taken = Signature() if made is None else _read(made.args, bound=True)
    if made is None or not made.decorator_list:
        yield from misfits(found.name, taken, arguments, takes_items=False)
    if step is not None and not step.decorator_list:
        name, taken = f"{found.name}.{STEP}", _read(step.args, bound=True)
        for one in misfits(name, taken, (), takes_items=takes_items):
            yield Misfit(argument=None, message=one.message)
    elif step is None and STEP not in _assigned_names(found):
        message = f"the class {found.name} has no {STEP}(), which is what is called"
        yield Misfit(argument=None, message=message)


def _read(takes: ast.arguments, *, bound: bool = False) -> Signature:
    """As ``inspect.signature`` has it; ``bound`` leaves out ``self``."""
    in_order = [
        *((one.arg, Parameter.POSITIONAL_ONLY) for one in takes.posonlyargs),
        *((one.arg, Parameter.POSITIONAL_OR_KEYWORD) for one in takes.args),
    ]
    first_optional = len(in_order) - len(takes.defaults)
    parameters = [
        Parameter(name, kind, default=Parameter.empty if place < first_optional else ...)
        for place, (name, kind) in enumerate(in_order)
    ][int(bound) :]
    if takes.vararg is not None:
        parameters.append(Parameter(takes.vararg.arg, Parameter.VAR_POSITIONAL))
    for one, default in zip(takes.kwonlyargs, takes.kw_defaults, strict=True):
        is_needed = default is None
        value = Parameter.empty if is_needed else ...
        parameters.append(Parameter(one.arg, Parameter.KEYWORD_ONLY, default=value))
    if takes.kwarg is not None:
        parameters.append(Parameter(takes.kwarg.arg, Parameter.VAR_KEYWORD))
    return Signature(parameters)


def _assigned_names(found: ast.ClassDef) -> set[str]:
    """Names that the class binds otherwise than by def."""
    nodes = (node for statement in found.body for node in ast.walk(statement))
    return {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }

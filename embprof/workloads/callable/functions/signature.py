"""Whether arguments fit what is to be called, by its source or by itself."""

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from inspect import Parameter, Signature

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
        said = f"{name}() has no parameter for the list of items that workload.batch asks for"
        yield Misfit(argument=None, message=said)
    filled = first if takes_items else None
    known = [one.name for one in parameters if one.kind in BY_NAME and one is not filled]
    for argument in arguments:
        if filled is not None and filled.kind in BY_NAME and argument == filled.name:
            yield Misfit(argument=argument, message=f"{name}() is given the items as {argument}")
        elif argument not in known and Parameter.VAR_KEYWORD not in kinds:
            close = difflib.get_close_matches(argument, known, n=1)
            hint = f", did you mean {close[0]}?" if close else ""
            yield Misfit(argument=argument, message=f"{name}() takes no {argument}{hint}")
    for one in parameters:
        is_needed = one.kind in (*IN_ORDER, Parameter.KEYWORD_ONLY) and one.default is one.empty
        if not is_needed or one is filled or (one.kind in BY_NAME and one.name in arguments):
            continue
        hint = "; workload.batch=N hands it a list of N items" if one is first else ""
        yield Misfit(argument=one.name, message=f"{name}() needs {one.name}{hint}")

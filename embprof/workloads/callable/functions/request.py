"""What a request may say of a function, and what can be told of it before any job."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictInt, StrictStr

from embprof.config.schema import MAX_BATCH_SIZE
from embprof.workloads.callable.functions import signature, source
from embprof.workloads.callable.functions.reference import Reference

ARMS = ("a", "b")
WORD = re.compile(r"[a-z]+(_[a-z]+)*")
"""What may stand in the name of a metric."""


def _arguments(value: object) -> object:
    names = value if isinstance(value, Mapping) else ()
    is_named = all(isinstance(name, str) and name.isidentifier() for name in names)
    if value is not None and (not isinstance(value, Mapping) or not is_named):
        raise ValueError("must be a mapping of arguments by name, as {limit: 10}, or null")
    return value


def _items(value: object) -> object:
    if value is not None and not (isinstance(value, str) and WORD.fullmatch(value)):
        raise ValueError("must be a word in small letters, as queries, or null")
    return value


Function = Annotated[
    StrictStr,
    AfterValidator(lambda value: str(Reference.parse(value))),
    Field(description="Function or class to call, `module:name`."),
]
Arguments = Annotated[
    Any,
    AfterValidator(_arguments),
    Field(description="Keyword arguments of each call; of a class, of its making."),
]
Items = Annotated[
    Any,
    AfterValidator(_items),
    Field(
        description="What a call does, in the plural; null is calls, or items where it is given."
    ),
]
Batch = Annotated[
    StrictInt | None,
    Field(
        ge=1,
        le=MAX_BATCH_SIZE,
        description="Items in the list that a call gets first; null calls with arguments alone.",
    ),
]


def refusals(config: Mapping[str, Any]) -> Iterator[str]:
    """Why the function cannot be called as asked; nothing of the user's is imported for it."""
    workload, against = config["workload"], config["against"]
    yield from _of_items(workload)
    # What both arms of a gate have from elsewhere need not be here.
    elsewhere = (all(against[f"{arm}_{of}"] for arm in ARMS) for of in ("ref", "python"))
    if not any(elsewhere):
        yield from _of_function(workload)


def _of_items(workload: Mapping[str, Any]) -> Iterator[str]:
    given = {key: value for key, value in workload["inputs"].items() if key != "_target_"}
    is_given = any(value is not None for value in given.values())
    if is_given and workload["batch"] is None:
        yield "workload.inputs: no call gets items; add workload.batch=1, or more"
    is_text = workload["batch"] is not None and not is_given
    if is_text and workload["corpus"].get("unit") == "tokens":
        yield "corpus.unit=tokens: a function of your own has no tokenizer to count with"


def _of_function(workload: Mapping[str, Any]) -> Iterator[str]:
    reference, arguments = Reference.parse(workload["function"]), workload["arguments"] or {}
    key = f"workload.function={reference}"
    try:
        found = source.definition(reference)
    except source.NotThereError as error:
        yield f"{key}: {error}"
        return
    if found is None:
        return
    for one in signature.broken(found, arguments, takes_items=workload["batch"] is not None):
        place = key if one.argument is None else f"workload.arguments.{one.argument}"
        yield f"{place}: {one.message}"

"""Parts of a workload's configuration that others provide: models, corpora, servers.

They are found by the name of their key, at any depth, for a workload may be made of workloads.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Place = tuple[str, ...]
"""The keys that lead to a part, its own name last."""
MODEL, CORPUS, SERVICE = "model", "corpus", "service"
ARGUMENTS = "arguments"
"""What stands below it is handed to the user's own code as it is, whatever its names."""


def at(node: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    """The mapping at that place."""
    for key in place:
        node = node[key]
    return node


def find(node: Mapping[str, Any], name: str) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Every mapping under a key of that name, outermost first."""
    for key, value in node.items():
        if not isinstance(value, Mapping) or key == ARGUMENTS:
            continue
        if key == name:
            yield (key,), value
            continue
        for place, inner in find(value, name):
            yield (key, *place), inner


def replaced(
    node: Mapping[str, Any], name: str, make: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> dict[str, Any]:
    """A copy in which each part of that name is what ``make`` makes of it."""
    return {
        key: value
        if not isinstance(value, Mapping) or key == ARGUMENTS
        else dict(make(value))
        if key == name
        else replaced(value, name, make)
        for key, value in node.items()
    }


def plugins(node: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Every mapping that names a class, the node itself left out."""
    for key, value in node.items():
        if isinstance(value, Mapping):
            if "_target_" in value:
                yield (key,), value
            for place, inner in plugins(value):
                yield (key, *place), inner


def prefix(place: Place) -> str:
    """What tells a fact about this part from that about another: ``nli_``; none if it is alone."""
    return "".join(f"{key}_" for key in place[:-1])

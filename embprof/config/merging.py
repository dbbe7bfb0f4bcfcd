"""A mapping that is given for one that is there, as Hydra has it: key by key, at every depth."""

from collections.abc import Iterator, Mapping
from typing import Any


def added(
    place: str, node: Mapping[str, Any], value: Mapping[str, Any]
) -> Iterator[tuple[str, object]]:
    """What a mapping would add to another, at any depth."""
    for key, inner in value.items():
        if key not in node:
            yield f"{place}.{key}", inner
        elif isinstance(inner, dict) and isinstance(node[key], dict):
            yield from added(f"{place}.{key}", node[key], inner)


def merged(node: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    """Both as one, at every depth, as Hydra merges what is given into what is there."""
    found = {**node, **value}
    for key in node.keys() & value.keys():
        if isinstance(node[key], dict) and isinstance(value[key], dict):
            found[key] = merged(node[key], value[key])
    return found

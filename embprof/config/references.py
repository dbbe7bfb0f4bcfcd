"""Resolves ``${key}`` in a composed configuration, fast where it is plain.

OmegaConf resolves a configuration in about 6 ms, which for a plan of 1,000 jobs is twice what the
whole plan may take. Nearly all references are plain (``batch_size: ${batch_size}``), so those are
looked up directly; anything richer (resolvers, text around a reference) is handed to OmegaConf.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

PLAIN = re.compile(r"\$\{([\w.]+)\}")
MISSING = "???"
ABSENT = object()


class UnresolvedError(Exception):
    """A reference leads nowhere, or in a circle; the message names it."""


def resolve(config: dict[str, Any]) -> dict[str, Any]:
    """A copy of ``config`` with every reference replaced; raises UnresolvedError."""
    try:
        resolved = _resolved(config, config, ())
    except _RichReferenceError:
        try:
            resolved = OmegaConf.to_container(OmegaConf.create(config), resolve=True)
        except OmegaConfBaseException as error:
            raise UnresolvedError(str(error).splitlines()[0]) from None
    assert isinstance(resolved, dict)
    return resolved


def missing(config: dict[str, Any]) -> list[str]:
    """Dotted names of the values that are still to be given (``???``)."""
    return [name for name, value in flatten(config).items() if value == MISSING]


def flatten(config: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """``{"model": {"name": …}}`` as ``{"model.name": …}``; lists and empty mappings stay values."""
    flat: dict[str, Any] = {}
    for key, value in config.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            flat.update(flatten(value, f"{name}."))
        else:
            flat[name] = value
    return flat


def value_at(config: Mapping[str, Any], place: Sequence[str]) -> Any:
    """What stands at nested keys, ABSENT where there is no such key."""
    node: Any = config
    for key in place:
        node = node.get(key, ABSENT) if isinstance(node, dict) else ABSENT
    return node


class _RichReferenceError(Exception):
    pass


def _resolved(value: Any, root: dict[str, Any], trail: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _resolved(inner, root, trail) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(inner, root, trail) for inner in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    plain = PLAIN.fullmatch(value)
    if plain is None:
        raise _RichReferenceError
    name = plain[1]
    if name in trail:
        raise UnresolvedError(f"{value} refers to itself")
    target = value_at(root, name.split("."))
    if target is ABSENT:
        raise UnresolvedError(f"{value} refers to a key that does not exist")
    return _resolved(target, root, (*trail, name))

"""Corpora as they stand in a configuration, looked into before anything is measured."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

T = TypeVar("T")


@runtime_checkable
class Finite(Protocol):
    """A corpus that has an end, and an order of its own."""

    def texts(self) -> Sequence[str]:
        """All its texts, in that order."""


@runtime_checkable
class OwnFile(Protocol):
    """A corpus that reads a file of the user's, or for None what comes with embprof."""

    path: str | None


def ask(question: Callable[..., T], *nodes: Mapping[str, Any] | None, **values: object) -> T | None:
    """What a question finds in corpora of a configuration, asked anew where a file has changed.

    The question gets a text for :func:`instances`, and can keep its answers by it. None where a
    corpus cannot be made or read: that is told with its fingerprint.
    """
    from hydra.errors import InstantiationException

    key = json.dumps([[node, _state(node)] for node in nodes], sort_keys=True, default=str)
    try:
        return question(key, **values)
    except (InstantiationException, ValueError, OSError):
        return None


def instances(key: str) -> list[Any]:
    """The corpora that a question is asked about; raises what their classes raise."""
    from hydra.utils import instantiate

    return [None if node is None else instantiate(node) for node, _ in json.loads(key)]


def _state(node: Mapping[str, Any] | None) -> tuple[float, int] | None:
    """What changes with the file of a corpus, where it has one."""
    path = (node or {}).get("path")
    if not isinstance(path, str) or not (file := Path(path).expanduser()).is_file():
        return None
    return file.stat().st_mtime, file.stat().st_size

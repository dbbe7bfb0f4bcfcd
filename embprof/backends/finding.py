"""Which class a backend's configuration means."""

from collections.abc import Mapping
from typing import Any, cast

from embprof.interface.backend import Backend

KEY = "backend"
TORCH = "embprof.backends.torch.Torch"
"""What runs networks where no class is named: stored jobs name none."""
REFERENCE = {"_target_": TORCH, "name": "torch", "dtype": "float32"}
"""The backend whose answers count as right."""


def with_class(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The configuration with the import path of its class."""
    return node if "_target_" in node else {"_target_": TORCH, **node}


def made(node: Mapping[str, Any] | Backend) -> Backend:
    """The backend of a configuration, or the one that was made of it already."""
    if not isinstance(node, Mapping):
        return node
    from hydra.utils import instantiate  # takes 0.1 s

    return cast(Backend, instantiate(with_class(node)))


def is_reference(name: object, dtype: object) -> bool:
    """Whether a backend of that name, in that type, is the one whose answers count as right."""
    return (name, dtype) == (REFERENCE["name"], REFERENCE["dtype"])

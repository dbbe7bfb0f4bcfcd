"""Servers that workloads need, started once a sweep, outside of all that is measured."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol


class Service(Protocol):
    """A server. Made from its YAML in the process that sweeps, so it must not import torch.

    It stands under the key ``service`` of a workload. What ``start`` returns is what the workload
    is given in its place. Whatever it started is gone when that process is, however it ended.
    """

    def start(self, say: Callable[[str], None]) -> Mapping[str, Any]:
        """Returns when the server answers; ``say`` tells the user of what takes a while.

        Raises ServiceError when there is no server to be had.
        """

    def stop(self) -> None:
        """Ends what was started and removes what it made; safe to call again."""

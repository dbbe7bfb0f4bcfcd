"""The servers of one sweep, from before its first job until after its last."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hydra.utils import instantiate

from embprof.interface import nested
from embprof.interface.service import Service
from embprof.machine.fingerprint import digest
from embprof.model import Job

Addresses = Mapping[str, Mapping[str, Any]]
"""What each server told of itself, by the digest of its configuration."""


@contextlib.contextmanager
def running(jobs: Sequence[Job], say: Callable[[str], None]) -> Iterator[Addresses]:
    """Starts each server that some job needs; ends all of them, whatever happens.

    Raises ServiceError when one cannot be started.
    """
    found: dict[str, Mapping[str, Any]] = {}
    with contextlib.ExitStack() as stack:
        for node in _nodes(jobs):
            service: Service = instantiate(node)
            stack.callback(service.stop)
            found[digest(node)] = service.start(say)
        yield found


def addressed(workload: Mapping[str, Any], addresses: Addresses) -> dict[str, Any]:
    """The workload's configuration with the servers' addresses in place of their YAML."""
    return nested.replaced(workload, nested.SERVICE, lambda node: addresses.get(digest(node), node))


def _nodes(jobs: Sequence[Job]) -> list[Mapping[str, Any]]:
    """The servers' configurations, equal ones once."""
    nodes = (
        node for job in jobs for _, node in nested.find(job.config["workload"], nested.SERVICE)
    )
    return list({digest(node): node for node in nodes if "_target_" in node}.values())

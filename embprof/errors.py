"""The errors of embprof. Raised anywhere, caught once, in ``embprof.cli.main``.

A message says what was asked, what is wrong and what to do; the user never sees a traceback of
these.
"""

from collections.abc import Sequence
from typing import Literal


class EmbprofError(Exception):
    """Something the user can mend; ``exit_code`` is what the process ends with."""

    exit_code = 1


class RequestError(EmbprofError):
    """The request is wrong: holds every problem found, so that one attempt shows them all."""

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class ModelNotFoundError(EmbprofError):
    """No weights under that name: says which places were tried and what to do."""

    exit_code = 2


class WrongWeightsError(EmbprofError):
    """Weights were found, but their hash is not the one the configuration names."""

    exit_code = 2


class DeviceUnavailableError(EmbprofError):
    """The device is not on this machine, or the installed runtime cannot drive it."""


class BuildError(EmbprofError):
    """What a backend runs cannot be made of this model; says what stands in the way."""


class ServiceError(EmbprofError):
    """A server that the workload needs cannot be started, or does not answer."""

    exit_code = 2


class CallFailedError(EmbprofError):
    """One call of a workload failed, and the next may not; measurements of load count such."""

    def __init__(self, kind: Literal["error", "timeout"], message: str) -> None:
        self.kind = kind
        super().__init__(message)


class WorkerError(EmbprofError):
    """A worker ended before it answered; ``status`` and ``reason`` become those of its job."""

    def __init__(self, status: str, reason: str, details: str = "") -> None:
        self.status = status
        self.reason = reason
        self.details = details
        super().__init__(reason)


class DiskError(EmbprofError):
    """Runs cannot be written: the disk is full, or the folder is not ours to write to."""


class TrackingError(EmbprofError):
    """The tracking server cannot be reached or refused a run; the run folder still has it."""


class StoreUnreachableError(TrackingError):
    """Nobody answers at the address of the tracking server: the next call will fare no better."""

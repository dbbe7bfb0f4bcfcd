"""Compute threads of the job in question, and what the environment says about threads.

OpenMP's threads meet at a barrier after each piece of work. Whoever is early sleeps or
spins; who spins uses a CPU that somebody else may need (``docs/explanation/threads.md``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embprof.machine import resources

COUNTS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
"""Thread counts that embprof sets anew in its workers, whatever the environment says."""
SETTINGS = (
    *("GOMP_SPINCOUNT", "GOMP_CPU_AFFINITY", "KMP_BLOCKTIME", "KMP_AFFINITY"),
    *("OMP_DYNAMIC", "OMP_PLACES", "OMP_PROC_BIND", "GLIBC_TUNABLES", "LD_PRELOAD"),
)
"""What else the OpenMP runtimes and the memory allocator read: it reaches the workers as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threads:
    """``count`` compute threads that wait as ``wait_policy`` says; variables that are set."""

    count: int
    wait_policy: str
    counts: Mapping[str, str]
    settings: Mapping[str, str]

    @property
    def spin(self) -> bool:
        """Whether threads that wait keep their CPU busy.

        GNU's runtime, which PyTorch's wheels for Linux carry, spins as often as GOMP_SPINCOUNT says
        before it sleeps; the wait policy only sets its default (libgomp manual, "GOMP_SPINCOUNT").
        """
        if self.count == 1:
            return False
        if (spins := self.settings.get("GOMP_SPINCOUNT")) is not None:
            return spins.strip() != "0"
        return self.wait_policy != "passive"


def read(config: Mapping[str, Any], environment: Mapping[str, str]) -> Threads:
    """The threads of a job with this configuration, started from this environment."""
    return Threads(
        count=resources.threads(config["threads"]),
        wait_policy=resources.wait_policy(config["wait_policy"]),
        counts={name: environment[name] for name in COUNTS if environment.get(name)},
        settings={name: environment[name] for name in SETTINGS if environment.get(name)},
    )

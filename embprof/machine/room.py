"""How much memory is left for another process, and how much one of ours has to itself."""

import psutil

from embprof.machine import cgroups
from embprof.machine.files import Files

MB = 1e6


def memory_left_mb() -> float:
    """What may still be taken: by the machine, and by the tightest control group (MB)."""
    machine = psutil.virtual_memory().available
    group = cgroups.memory_left(Files())
    return (machine if group is None else min(machine, group)) / MB


def own_memory_mb(pid: int) -> float | None:
    """Memory that would be free if the process ended (USS, MB); None where that is not told."""
    try:
        return float(psutil.Process(pid).memory_full_info().uss) / MB
    except (psutil.Error, AttributeError):
        return None

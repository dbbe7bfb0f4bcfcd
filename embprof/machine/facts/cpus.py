"""The CPUs this process may use: how many cores, of which kinds, on which memory nodes."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from embprof.machine import resources
from embprof.machine.files import Files, cpu_list

CPUS = "sys/devices/system/cpu"
INTEL_KINDS = ("sys/devices/cpu_core/cpus", "sys/devices/cpu_atom/cpus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpus:
    """Layout and clock of the processor; None where the system does not tell.

    ``cores`` are the physical cores behind the usable CPUs, ``nodes`` the number of memory nodes
    they belong to; ``kinds`` lists the usable CPUs of each sort of core, fastest first. ``quota``
    is the CPUs' worth of time that the cgroup grants, None when unlimited.
    """

    online: int
    affinity: tuple[int, ...] | None
    usable: int
    quota: float | None
    cores: int | None
    kinds: tuple[str, ...]
    nodes: int | None
    virtual: bool | None
    clocksource: str | None
    clocksources: tuple[str, ...]


def read(files: Files) -> Cpus:
    """The layout now."""
    affinity = resources.affinity()
    online = os.cpu_count() or 1
    cpus = frozenset(affinity if affinity is not None else range(online))
    clocks = "sys/devices/system/clocksource/clocksource0"
    return Cpus(
        online=online,
        affinity=affinity,
        usable=resources.cpus_usable(),
        quota=resources.cgroup_cpu_quota(),
        cores=_cores(files, cpus),
        kinds=_kinds(files, cpus),
        nodes=_node_count(files, cpus),
        virtual=_virtual(files),
        clocksource=files.text(f"{clocks}/current_clocksource"),
        clocksources=tuple((files.text(f"{clocks}/available_clocksource") or "").split()),
    )


def _cores(files: Files, cpus: Iterable[int]) -> int | None:
    """Physical cores: CPUs that list the same siblings share one."""
    siblings = {files.text(f"{CPUS}/cpu{cpu}/topology/thread_siblings_list") for cpu in cpus} - {
        None
    }
    return len(siblings) or None


def _kinds(files: Files, cpus: frozenset[int]) -> tuple[str, ...]:
    """CPUs by sort of core, in the kernel's two ways to tell: Intel's lists, others' capacities."""
    kinds = [cpu_list(files.text(path)) & cpus for path in INTEL_KINDS]
    if not any(kinds):
        capacities = {cpu: files.number(f"{CPUS}/cpu{cpu}/cpu_capacity") or 0 for cpu in cpus}
        steps = sorted(set(capacities.values()) - {0}, reverse=True)
        kinds = [frozenset(cpu for cpu in cpus if capacities[cpu] == step) for step in steps]
    return tuple(",".join(map(str, sorted(kind))) for kind in kinds if kind)


def _node_count(files: Files, cpus: frozenset[int]) -> int | None:
    """How many memory nodes have one of our CPUs."""
    lists = files.matching("sys/devices/system/node/node[0-9]*/cpulist")
    return sum(bool(cpu_list(files.text(path)) & cpus) for path in lists) or None


def _virtual(files: Files) -> bool | None:
    """Whether a hypervisor is below: x86 has a flag for it, others a file, or nothing."""
    if any(
        files.text(path) for path in ("sys/hypervisor/type", "proc/device-tree/hypervisor/name")
    ):
        return True
    flags = re.search(r"^flags\s*: (.*)$", files.text("proc/cpuinfo") or "", re.MULTILINE)
    return "hypervisor" in flags[1].split() if flags else None

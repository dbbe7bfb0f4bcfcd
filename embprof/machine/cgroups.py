"""The control groups that this process is in: its own, and every one above it.

A limit of any of them holds (cgroups(7)): a batch system or systemd sets it where it likes, often
above the group that a process sees as its own. In a container the groups may be hidden, and the
root that is mounted there is the container's own.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from embprof.machine.files import Files

ROOT = "sys/fs/cgroup"
PERIOD_US = 100_000
"""The kernel's own, where a file names none."""


def folders(files: Files, control_file: str) -> list[str]:
    """Where a control file (``cpu.max``) and its like may lie: own group first, root last.

    Version 2 has one tree, version 1 one per controller; a machine may have both.
    """
    controller = control_file.partition(".")[0]
    found: list[str] = []
    for line in (files.text("proc/self/cgroup") or "").splitlines():
        _, controllers, path = line.split(":", 2)
        is_own_tree = controller in controllers.split(",")
        bases = (f"{ROOT}/{controller}", f"{ROOT}/{controllers}") if is_own_tree else ()
        for base in bases if controllers else (ROOT, f"{ROOT}/unified"):
            group = PurePosixPath(path)
            found += [f"{base}{one}".rstrip("/") for one in (group, *group.parents)]
    return list(dict.fromkeys([*found, ROOT, f"{ROOT}/{controller}"]))


def cpu_quota(files: Files) -> float | None:
    """CPUs' worth of time that the tightest group grants, None for no limit."""
    return min(_cpu_quotas(files), default=None)


def memory_limit(files: Files) -> int | None:
    """Bytes that the tightest group grants, None where none has a limit.

    Version 1 writes a huge number for none, version 2 a word.
    """
    paths = [
        f"{folder}/{name}"
        for folder in folders(files, "memory.max")
        for name in ("memory.max", "memory.limit_in_bytes")
    ]
    return min((one for path in paths if (one := files.number(path)) is not None), default=None)


def _cpu_quotas(files: Files) -> Iterator[float]:
    for folder in folders(files, "cpu.max"):
        granted, _, period = (files.text(f"{folder}/cpu.max") or "").partition(" ")
        if granted.isdigit():
            yield int(granted) / int(period or PERIOD_US)
        granted_us = files.number(f"{folder}/cpu.cfs_quota_us")
        period_us = files.number(f"{folder}/cpu.cfs_period_us")
        if granted_us is not None and period_us and granted_us > 0:
            yield granted_us / period_us


def memory_left(files: Files) -> int | None:
    """Bytes that processes of this group may still take; None where no group has a limit.

    Files that the kernel keeps in memory count as used and are given back when memory is wanted.
    """
    found = []
    for folder in folders(files, "memory.max"):
        for limit, used in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            most, taken = files.number(f"{folder}/{limit}"), files.number(f"{folder}/{used}")
            if most is not None and taken is not None:
                counters = files.counters(f"{folder}/memory.stat", "inactive_file")
                found.append(most - taken + counters.get("inactive_file", 0))
    return min(found, default=None)

"""Memory that is left, where it would come from, and in which size of pages."""

import re
from dataclasses import dataclass

from embprof.machine import cgroups
from embprof.machine.files import Files

SIZES = ("MemTotal", "MemAvailable", "SwapTotal", "SwapFree")
ADDR_NO_RANDOMIZE = 0x0040000
"""A flag of personality(2): no random addresses for this process (setarch -R)."""
LIMITS = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Files of a cgroup's limit and use, version 2 and 1, and which part of its use can be taken back
(``memory.stat``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes; None where the system does not tell.

    ``available`` is what can be had without swapping, within the cgroup's ``limit`` too.
    ``huge_pages`` is the mode of transparent huge pages: always, madvise or never.
    """

    total: int | None
    available: int | None
    swap_used: int | None
    limit: int | None
    huge_pages: str | None
    randomised: bool | None


def read(files: Files) -> Memory:
    """The state now."""
    sizes = files.counters("proc/meminfo", *SIZES)
    limit, room = _within_limit(files, sizes.get("MemTotal"))
    available = sizes.get("MemAvailable")
    swap = sizes.get("SwapTotal")
    mode = re.search(r"\[(\w+)\]", files.text("sys/kernel/mm/transparent_hugepage/enabled") or "")
    return Memory(
        total=sizes.get("MemTotal"),
        available=available if room is None or available is None else min(available, room),
        swap_used=None if swap is None else swap - sizes.get("SwapFree", 0),
        limit=limit,
        huge_pages=mode[1] if mode else None,
        randomised=_is_randomised(files),
    )


def swapped_pages(files: Files) -> int | None:
    """Pages that were swapped in or out since boot."""
    counted = files.counters("proc/vmstat", "pswpin", "pswpout")
    return sum(counted.values()) if counted else None


def _within_limit(files: Files, total: int | None) -> tuple[int | None, int | None]:
    """The limit of the cgroup that leaves least, and what it leaves; None where none has one."""
    found = [
        (limit, limit - used + files.counters(f"{folder}/memory.stat", name).get(name, 0))
        for folder in cgroups.folders(files, "memory.max")
        for limit_file, use_file, name in LIMITS
        # Version 1 writes a huge number for "no limit", version 2 "max".
        if (limit := files.number(f"{folder}/{limit_file}")) is not None
        and (total is None or limit < total)
        and (used := files.number(f"{folder}/{use_file}")) is not None
    ]
    return min(found, key=lambda one: one[1], default=(None, None))


def _is_randomised(files: Files) -> bool | None:
    """Whether this process got its addresses at random; source: proc_sys_kernel(5)."""
    setting = files.number("proc/sys/kernel/randomize_va_space")
    if setting is None:
        return None
    personality = int(files.text("proc/self/personality") or "0", base=16)
    return setting > 0 and not personality & ADDR_NO_RANDOMIZE

"""Stamps: what happened around a measurement that a reader of its figures must know.

Counters of the whole machine are read before and after measuring (never during) and compared. A
stamp is not a verdict on the figure: it says under which circumstances it was taken.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embprof.model import Stamp

BUSY_PERCENT = 10.0
"""CPU time of others, as a share of one CPU: well above what an idle system's own services use."""
STEAL_PERCENT = 1.0
"""CPU time that the hypervisor gave to other guests, as a share of all CPU time."""
PRESSURE_PERCENT = 1.0
"""Share of the time in which some process waited for memory (/proc/pressure/memory)."""

MARKS: Mapping[str, str] = {
    "B": "busy machine: other processes used the CPUs while this was measured",
    "S": "steal: the hypervisor gave this machine's CPU time to others",
    "Q": "quota: the cgroup's CPU quota throttled this machine's processes",
    "M": "memory pressure: processes waited for memory",
    "T": "threads: more compute threads than CPUs",
    "A": "active waiting: idle compute threads spin, which costs dearly where others use the CPUs",
    "W": "warm-up ended at its time limit without a steady state",
    "D": "drift: the readings changed by more than 5 % from beginning to end",
}
"""Every stamp: the mark in the table and what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Counters of the machine at one moment: seconds, summed over CPUs; None where not told."""

    clock: float
    busy: float | None
    steal: float | None
    total: float | None
    throttled: int | None
    memory_stall: float | None


def read() -> Counters:
    """The counters now."""
    cpu = _cpu_seconds()
    return Counters(
        clock=time.monotonic(),
        busy=cpu[0] if cpu else None,
        steal=cpu[1] if cpu else None,
        total=cpu[2] if cpu else None,
        throttled=_throttled(),
        memory_stall=_memory_stall(),
    )


def stamps(
    before: Counters,
    after: Counters,
    *,
    own_cpu_seconds: float,
    threads: int,
    cpus: int,
    wait_policy: str,
) -> list[Stamp]:
    """Circumstances between two readings in which the worker used ``own_cpu_seconds``."""
    seconds = max(after.clock - before.clock, 1e-9)
    others = others_share(before, after, own_cpu_seconds=own_cpu_seconds) or 0.0
    shares = (
        ("B", others, BUSY_PERCENT, "others used {:.0f} % of a CPU"),
        (
            "S",
            _change(before.steal, after.steal) / max(_change(before.total, after.total), 1e-9),
            STEAL_PERCENT,
            "{:.1f} % of the CPU time was stolen",
        ),
        (
            "M",
            _change(before.memory_stall, after.memory_stall) / seconds,
            PRESSURE_PERCENT,
            "processes waited {:.1f} % of the time",
        ),
    )
    found = [
        Stamp(mark=mark, detail=detail.format(100 * share))
        for mark, share, bound, detail in shares
        if 100 * share > bound
    ]
    throttled = _change(before.throttled, after.throttled)
    if throttled > 0:
        found.append(Stamp(mark="Q", detail=f"throttled in {throttled:.0f} periods"))
    if threads > cpus:
        found.append(Stamp(mark="T", detail=f"{threads} threads on {cpus} CPUs"))
    is_busy = any(stamp.mark == "B" for stamp in found)
    if is_busy and wait_policy != "passive" and threads > 1:
        found.append(Stamp(mark="A", detail=f"wait_policy={wait_policy}"))
    return found


def others_share(before: Counters, after: Counters, *, own_cpu_seconds: float) -> float | None:
    """CPUs' worth of time that others used (0.1: a tenth of one); None where not told."""
    if before.busy is None or after.busy is None:
        return None
    seconds = max(after.clock - before.clock, 1e-9)
    return (after.busy - before.busy - own_cpu_seconds) / seconds


def _change(before: float | None, after: float | None) -> float:
    """How much a counter grew; a counter that the system does not have did not."""
    return 0.0 if before is None or after is None else after - before


def merged(found: Sequence[Stamp]) -> list[Stamp]:
    """One stamp a mark, the first of each, in the order of the legend."""
    first = {stamp.mark: stamp for stamp in reversed(found)}
    return [first[mark] for mark in MARKS if mark in first]


def _cpu_seconds() -> tuple[float, float, float] | None:
    """Busy (steal left out), stolen and all CPU seconds since boot; source: proc_stat(5)."""
    try:
        first = Path("/proc/stat").read_text().partition("\n")[0].split()
    except OSError:
        return None
    ticks = [int(value) / os.sysconf("SC_CLK_TCK") for value in first[1:9]]
    user, nice, system, idle, iowait, irq, softirq, steal = ticks
    busy = user + nice + system + irq + softirq
    return busy, steal, busy + idle + iowait + steal


def _throttled() -> int | None:
    for file in ("/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpu/cpu.stat"):
        try:
            counted = re.search(r"^nr_throttled (\d+)$", Path(file).read_text(), re.MULTILINE)
        except OSError:
            continue
        if counted:
            return int(counted[1])
    return None


def _memory_stall() -> float | None:
    try:
        text = Path("/proc/pressure/memory").read_text()
    except OSError:
        return None
    counted = re.search(r"^some .*total=(\d+)$", text, re.MULTILINE)
    return int(counted[1]) / 1e6 if counted else None

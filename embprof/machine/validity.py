"""Stamps: what happened around a measurement that a reader of its figures must know.

Counters of the whole machine are read before and after measuring (never during) and compared. A
stamp is not a verdict on the figure: it says under which circumstances it was taken.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import psutil

from embprof.machine import cgroups
from embprof.machine.files import Files
from embprof.model import Stamp

Count = TypeVar("Count", int, float)

BUSY_PERCENT = 10.0
"""CPU time of others, as a share of one CPU: well above what an idle system's own services use."""
STEAL_PERCENT = 1.0
"""CPU time that the hypervisor gave to other guests, as a share of all CPU time."""
PRESSURE_PERCENT = 1.0
"""Share of the time in which some process waited for memory (/proc/pressure/memory)."""
BUSY = ("user", "nice", "system", "irq", "softirq")
"""What a CPU does that is neither idling nor waiting, as psutil names it."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What happened on a machine between two moments; None where the system does not count.

    ``others`` is the CPUs' worth of time that others used (1.0 is one CPU), ``steal`` and
    ``memory_stall`` are shares (0.01 is 1 %), ``throttled`` is a number of periods.
    """

    seconds: float
    others: float | None
    steal: float | None
    throttled: int | None
    memory_stall: float | None


def read() -> Counters:
    """The counters now."""
    files, (busy, steal, total) = Files(), _cpu_seconds()
    return Counters(
        clock=time.monotonic(),
        busy=busy,
        steal=steal,
        total=total,
        throttled=_throttled(files),
        memory_stall=_memory_stall(files),
    )


def grown(before: Count | None, after: Count | None) -> Count | None:
    """How much a counter grew; None where the system does not have it."""
    return None if before is None or after is None else after - before


def changes(before: Counters, after: Counters, *, own_cpu_seconds: float) -> Changes:
    """What happened between two readings in which we used ``own_cpu_seconds`` ourselves."""
    seconds = max(after.clock - before.clock, 1e-9)
    busy = grown(before.busy, after.busy)
    stall = grown(before.memory_stall, after.memory_stall)
    steal, total = grown(before.steal, after.steal), grown(before.total, after.total)
    return Changes(
        seconds=seconds,
        others=None if busy is None else (busy - own_cpu_seconds) / seconds,
        steal=None if steal is None or not total else steal / total,
        throttled=grown(before.throttled, after.throttled),
        memory_stall=None if stall is None else stall / seconds,
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
    found = changes(before, after, own_cpu_seconds=own_cpu_seconds)
    shares = (
        ("B", found.others, BUSY_PERCENT, "others used {:.0f} % of a CPU"),
        ("S", found.steal, STEAL_PERCENT, "{:.1f} % of the CPU time was stolen"),
        ("M", found.memory_stall, PRESSURE_PERCENT, "processes waited {:.1f} % of the time"),
    )
    marked = [
        Stamp(mark=mark, detail=detail.format(100 * share))
        for mark, share, bound, detail in shares
        if share is not None and 100 * share > bound
    ]
    if (found.throttled or 0) > 0:
        marked.append(Stamp(mark="Q", detail=f"throttled in {found.throttled} periods"))
    if threads > cpus:
        marked.append(Stamp(mark="T", detail=f"{threads} threads on {cpus} CPUs"))
    is_busy = any(stamp.mark == "B" for stamp in marked)
    if is_busy and wait_policy != "passive" and threads > 1:
        marked.append(Stamp(mark="A", detail=f"wait_policy={wait_policy}"))
    return marked


def merge(found: Sequence[Stamp]) -> list[Stamp]:
    """One stamp per mark, the first of each, in the order of the legend."""
    first = {stamp.mark: stamp for stamp in reversed(found)}
    return [first[mark] for mark in MARKS if mark in first]


def _cpu_seconds() -> tuple[float | None, float | None, float | None]:
    """Busy (steal left out), stolen and all CPU seconds since boot; source: proc_stat(5)."""
    try:
        seconds = psutil.cpu_times()._asdict()
    except OSError:
        return None, None, None
    busy = sum(seconds.get(name, 0.0) for name in BUSY)
    steal = seconds.get("steal")
    return busy, steal, busy + seconds["idle"] + seconds.get("iowait", 0.0) + (steal or 0.0)


def _throttled(files: Files) -> int | None:
    """How often a group of ours was stopped for having used up its quota."""
    counted = [
        files.counters(f"{folder}/cpu.stat", "nr_throttled").get("nr_throttled")
        for folder in cgroups.folders(files, "cpu.stat")
    ]
    told = [count for count in counted if count is not None]
    return sum(told) if told else None


def _memory_stall(files: Files) -> float | None:
    text = files.text("proc/pressure/memory") or ""
    counted = re.search(r"^some .*total=(\d+)$", text, re.MULTILINE)
    return int(counted[1]) / 1e6 if counted else None

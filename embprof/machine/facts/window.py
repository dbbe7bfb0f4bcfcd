"""What happened on the machine between two moments: others' work, steal, throttling, swapping."""

from __future__ import annotations

import time
from dataclasses import dataclass

from embprof.machine import validity
from embprof.machine.facts.files import Files
from embprof.machine.facts.frequency import thermal_throttles
from embprof.machine.facts.memory import swapped_pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Counters of the machine, and the CPU seconds this process has used."""

    counters: validity.Counters
    thermal: int | None
    swapped: int | None
    own_cpu_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Changes between two moments; None where the system does not count.

    ``others`` is the CPUs' worth of time that others used (1.0 is one CPU), ``steal`` and
    ``memory_stall`` are shares (0.01 is 1 %), the rest are events.
    """

    seconds: float
    others: float | None
    steal: float | None
    throttled: int | None
    memory_stall: float | None
    thermal: int | None
    swapped: int | None


def moment(files: Files) -> Moment:
    """The counters now."""
    return Moment(
        counters=validity.read(),
        thermal=thermal_throttles(files),
        swapped=swapped_pages(files),
        own_cpu_seconds=time.process_time(),
    )


def between(before: Moment, after: Moment) -> Window:
    """What changed; the CPU time of this process is not that of others."""
    first, last = before.counters, after.counters
    seconds = max(last.clock - first.clock, 1e-9)
    own = after.own_cpu_seconds - before.own_cpu_seconds
    busy = _grown(first.busy, last.busy)
    steal, total = _grown(first.steal, last.steal), _grown(first.total, last.total)
    stall = _grown(first.memory_stall, last.memory_stall)
    return Window(
        seconds=seconds,
        others=None if busy is None else max(0.0, busy - own) / seconds,
        steal=None if steal is None or not total else steal / total,
        throttled=_count(first.throttled, last.throttled),
        memory_stall=None if stall is None else stall / seconds,
        thermal=_count(before.thermal, after.thermal),
        swapped=_count(before.swapped, after.swapped),
    )


def _grown(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _count(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before

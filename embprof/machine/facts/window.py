"""What happened on the machine between two moments: others' work, steal, throttling, swapping."""

import time
from dataclasses import asdict, dataclass, replace

from embprof.machine import validity
from embprof.machine.facts.frequency import thermal_throttles
from embprof.machine.facts.memory import swapped_pages
from embprof.machine.files import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Counters of the machine, and the CPU seconds this process has used."""

    counters: validity.Counters
    thermal: int | None
    swapped: int | None
    own_cpu_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(validity.Changes):
    """Changes between two moments; ``thermal`` and ``swapped`` are numbers of events."""

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
    own = after.own_cpu_seconds - before.own_cpu_seconds
    found = validity.changes(before.counters, after.counters, own_cpu_seconds=own)
    others = None if found.others is None else max(0.0, found.others)
    return Window(
        **asdict(replace(found, others=others)),
        thermal=validity.grown(before.thermal, after.thermal),
        swapped=validity.grown(before.swapped, after.swapped),
    )

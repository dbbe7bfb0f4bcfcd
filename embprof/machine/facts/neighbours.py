"""Who else uses the CPUs while nothing is measured.

Processes are listed before and after some seconds of sleep, never during them. One that lives for
less than these seconds is in the machine's counters but has no name here.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psutil

from embprof.machine.facts.window import Window, between, moment
from embprof.machine.files import Files

MOST = 3
"""Neighbours that are named."""
LEAST_SHARE = 0.01
"""CPUs' worth of time from which a process is worth naming."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A process and the CPUs' worth of time it used (1.0 is one CPU)."""

    pid: int
    name: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """The machine while embprof slept: what happened, who was at work, busiest first.

    ``load`` is the load average of the last five minutes, None where the system has none.
    """

    window: Window
    busiest: tuple[Neighbour, ...]
    load: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """CPU seconds of a process since it started."""

    name: str
    started: float
    seconds: float


def watch(files: Files, seconds: float, *, sleep: Callable[[float], None] = time.sleep) -> Quiet:
    """Sleeps that long and says what others did meanwhile."""
    uses_before = uses()
    before = moment(files)
    sleep(seconds)
    window = between(before, moment(files))
    return Quiet(
        window=window,
        busiest=busiest(uses_before, uses(), window.seconds),
        load=os.getloadavg()[1] if hasattr(os, "getloadavg") else None,
    )


def uses() -> dict[int, Use]:
    """What every process that may be looked at has used, this one left out."""
    found = {}
    for process in psutil.process_iter(["name", "create_time", "cpu_times"]):
        facts = process.info
        if process.pid != os.getpid() and facts["cpu_times"] is not None:
            found[process.pid] = Use(
                name=facts["name"] or "?",
                started=facts["create_time"] or 0.0,
                seconds=facts["cpu_times"].user + facts["cpu_times"].system,
            )
    return found


def busiest(
    before: Mapping[int, Use], after: Mapping[int, Use], seconds: float
) -> tuple[Neighbour, ...]:
    """The processes that used most between two listings, those below LEAST_SHARE left out."""
    found = []
    for pid, now in after.items():
        then = before.get(pid)
        is_same = then is not None and then.started == now.started  # a number is given out again
        used = now.seconds - (then.seconds if then is not None and is_same else 0.0)
        if used / seconds >= LEAST_SHARE:
            found.append(Neighbour(pid=pid, name=now.name, share=used / seconds))
    return tuple(sorted(found, key=lambda one: one.share, reverse=True)[:MOST])

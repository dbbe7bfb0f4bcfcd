"""Everything that the rules look at, read from the system and never changed."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embprof.machine import fingerprint, resources
from embprof.machine.facts import cpus, frequency, gpus, memory, sharing, storage, threads
from embprof.machine.facts.cpus import Cpus
from embprof.machine.facts.frequency import Frequency
from embprof.machine.facts.gpus import Gpus
from embprof.machine.facts.memory import Memory
from embprof.machine.facts.neighbours import Quiet, watch
from embprof.machine.facts.sharing import Sharing
from embprof.machine.facts.storage import Storage
from embprof.machine.facts.threads import Threads
from embprof.machine.facts.window import Window
from embprof.machine.files import Files

QUIET_SECONDS = 3.0
"""How long others are watched while embprof sleeps: long enough for a CPU time of 10 % to be 30
ticks of the counters (100 a second), short enough to be no wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Names and versions."""

    hostname: str
    processor: str
    system: str
    python: str
    embprof: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The machine: its layout, its settings, and what happened on it.

    ``quiet`` is from the seconds in which embprof slept, ``measuring`` from those in which it
    measured, None before; ``measuring.others`` leaves out the measured processes too.
    """

    host: Host
    cpus: Cpus
    frequency: Frequency
    threads: Threads
    memory: Memory
    storage: Storage
    sharing: Sharing
    gpus: Gpus
    quiet: Quiet
    measuring: Window | None = None

    @property
    def windows(self) -> tuple[Window, ...]:
        """The stretches of time that were watched."""
        return (self.quiet.window,) + ((self.measuring,) if self.measuring is not None else ())


def read(
    config: Mapping[str, Any],
    runs: Path,
    *,
    waited_for: str | None,
    files: Files | None = None,
    quiet_seconds: float = QUIET_SECONDS,
) -> Facts:
    """The facts for a job of this configuration whose runs go to ``runs``; takes a while."""
    files = files or Files()
    return Facts(
        host=_host(),
        cpus=cpus.read(files),
        frequency=frequency.read(files),
        threads=threads.read(config, os.environ),
        memory=memory.read(files),
        storage=storage.read(runs),
        sharing=sharing.read(waited_for),
        gpus=gpus.read(),
        quiet=watch(files, quiet_seconds),
    )


def _host() -> Host:
    soft = fingerprint.soft()
    return Host(
        hostname=soft["hostname"],
        processor=resources.cpu_model(),
        system=f"{platform.system()} {soft['kernel']}",
        python=soft["python"],
        embprof=soft["packages"]["embprof"],
    )

"""What a worker does when it is asked: loads, observes, and says what it found."""

import dataclasses
import os
import sys
import time
from collections.abc import Callable
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from embprof.interface import measurement, workload
from embprof.machine import process_facts
from embprof.machine.process_facts import Facts
from embprof.model import Samples
from embprof.sampling import process_setup
from embprof.sampling.canary import Canary
from embprof.sampling.messages import NeedsFresh, Observed, Opened, WorkerSpec
from embprof.units import metric_name

STARTS = "starts"
"""Items of a measurement whose every iteration starts the workload anew."""


class Session:
    """One workload under one measurement, from loading to closing."""

    def __init__(self, spec: WorkerSpec, *, tell: Callable[[str], None] = print) -> None:
        """``tell`` takes how far a slice is; without one the log does."""
        self.spec, self.tell = spec, tell
        self.found: dict[str, Any] = {}

    def open(self, _: None) -> Opened | NeedsFresh:
        """Creates and loads the workload and its measurement."""
        process_setup.redirect_output(self.spec.log)
        started = time.perf_counter()
        process_setup.prepare(self.spec)
        self.allocator = process_setup.settle_allocator(self.spec)
        from hydra.utils import instantiate  # after the environment is set: plug-ins import torch

        self.measurement = instantiate(self.spec.measurement)
        if self.measurement.isolation == "fresh" and not self.spec.fresh:
            return NeedsFresh()
        self.workload: Any = None
        starts = isinstance(self.measurement, measurement.StartsWorkload)
        if starts:
            self.measurement.configure(self.spec.workload, self.spec.paths)
        else:
            self.workload = instantiate(self.spec.workload)
            if isinstance(self.workload, workload.MakesReady):
                self.workload.make_ready()
                started = time.perf_counter()
            if isinstance(self.measurement, measurement.LoadsWorkload):
                self.measurement.load(self.workload)
            else:
                self.workload.load()
        load_seconds = time.perf_counter() - started
        if isinstance(self.measurement, measurement.TellsProgress):
            self.measurement.telling(self.tell)
        if not starts:
            self.measurement.open(self.workload)
        self.canary = Canary() if self.spec.canary else None
        return Opened(
            load_seconds=load_seconds,
            description=self._description(),
            imported_torch="torch" in sys.modules,
            restarts_every_call=starts,
        )

    def measuring(self, _: None) -> None:
        """Warming up is over."""
        if isinstance(self.measurement, measurement.LeavesOutWarmup):
            self.measurement.measuring()

    def observe(self, iterations: int) -> Observed:
        """Runs a slice."""
        cpu_before, started = self._cpu_seconds(), time.perf_counter()
        samples = tuple(_plain(one) for one in self.measurement.observe(iterations))
        seconds = time.perf_counter() - started
        if self.canary is not None:
            samples = (*samples, self.canary.reading())
        cpu_seconds = self._cpu_seconds() - cpu_before
        return Observed(started=started, seconds=seconds, samples=samples, cpu_seconds=cpu_seconds)

    def finish(self, _: None) -> Observed | None:
        """What measurement and workload tell when all iterations are done; None if nothing."""
        started = time.perf_counter()
        samples: list[Samples] = []
        if isinstance(self.measurement, measurement.Finishes):
            samples += self.measurement.finish()
        if isinstance(self.workload, workload.Quality):
            found = self.workload.quality()
            self.found[workload.QUALITY] = " ".join(
                metric_name(one.name, one.unit) for one in found
            )
            samples += found
        if not samples:
            return None
        read = tuple(_plain(one) for one in samples)
        return Observed(started=started, seconds=time.perf_counter() - started, samples=read)

    def facts(self, _: None) -> Facts:
        """What this process, or those that the measurement started, ran."""
        if self.workload is None:
            ran: Facts = self.measurement.facts()
        else:
            ran = process_facts.read([*self.spec.paths, str(Path.cwd())])
        if isinstance(self.measurement, measurement.Describes):
            self.found |= process_facts.storable(self.measurement.description())
        return dataclasses.replace(ran, found=self.found)

    def close(self, _: None) -> tuple[Path, ...]:
        """Ends measurement and workload; returns the files to keep."""
        files = tuple(self.measurement.close())
        if isinstance(self.workload, workload.LeavesFiles):
            files += tuple(self.workload.files())
        for file in files:
            if not file.is_file():
                raise FileNotFoundError(f"there is no file {file} to keep")
        if self.workload is not None:
            self.workload.close()
        return files

    def _cpu_seconds(self) -> float:
        """CPU seconds of this process, of those it has waited for, and of servers it asks."""
        used = os.times()
        mine = used.user + used.system + used.children_user + used.children_system
        if isinstance(self.workload, workload.UsesServers):
            mine += self.workload.server_cpu_seconds()
        return mine

    def _description(self) -> dict[str, Any]:
        items = STARTS if self.workload is None else self.workload.items
        described: dict[str, Any] = {"items": items, "threads": self.spec.threads}
        described |= process_facts.of_torch()
        described["allocator"] = self.allocator
        described["wait_policy"] = os.environ.get("OMP_WAIT_POLICY", "default").lower()
        if isinstance(self.workload, workload.Describes):
            described |= self.workload.description()
        return process_facts.storable(described)


def _plain(one: Samples) -> Samples:
    """The readings as plain numbers; raises TypeError in words for whoever wrote the plug-in."""
    for count in one.items:
        if not isinstance(count, Integral):
            raise TypeError(f"step() must return how many items it did, not {count!r}")
    for value in one.values:
        if not isinstance(value, Real):
            raise TypeError(f"{one.name} must be numbers, not {value!r}")
    return dataclasses.replace(
        one,
        values=tuple(float(value) for value in one.values),
        items=tuple(int(count) for count in one.items),
    )

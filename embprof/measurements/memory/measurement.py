"""Memory of a whole process: what each phase took, what calls need at most, what stays.

Physics: resident memory (RSS) is the pages that the process has in RAM: *anonymous* ones (heap,
stacks) and pages of mapped *files* (libraries, weights in safetensors). PSS divides shared pages
among those who share them, USS leaves them out. A call's need is its *high-water mark*: a spike of
5 ms decides whether the kernel ends the process, and a poller would miss it. The kernel keeps the
mark itself; it is set back before a call and read after it.

What can go wrong, and what is done: a forked worker shows its server's memory (this one is fresh);
what a phase frees may stay with the allocator and hide what the next one takes (what the harness
let go of is given back before anything is loaded; from then on the allocator is left alone, for it
is the service's own, and a collection and a trim at the very end say how much it keeps); weights
become resident as they are touched (memory at rest is read after calls); the harness has memory of
its own (a phase by itself, to be subtracted), and so has the corpus that calls are drawn from (read
before the first call, and left out of all that is told after it); an encoder keeps what it counts
until asked (it is asked after every call).

With ``concurrency`` that many threads call at once, an iteration is a call of each, and the mark is
that of the slice: calls that overlap have none of their own. Between slices nobody calls; the rest
is read then. With ``duration`` this is monitoring: it goes on for so long however precise its
figures are by then (:meth:`embprof.sampling.schedule.Schedule.of` sees to that).
"""

import gc
import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from embprof.interface import steps
from embprof.interface.callers import Callers
from embprof.interface.workload import Imports, Workload
from embprof.machine import gpu_memory, heap, process_memory
from embprof.machine.process_memory import ProcessMemory
from embprof.measurements.memory import components
from embprof.measurements.memory.history import History
from embprof.measurements.memory.phases import Phases
from embprof.model import Samples
from embprof.units import MEGA, check_seconds


@dataclass(kw_only=True)
class Memory:
    """High-water mark of each call, memory at rest after each slice, phases and components."""

    account: ClassVar[str] = "embprof.measurements.memory.account.MEMORY"

    duration: str | float | None = None
    concurrency: int = 1
    isolation: Literal["fork", "fresh"] = field(default="fresh", init=False)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        """Raises ValueError for parameters that make no sense."""
        if self.duration is not None:
            check_seconds("duration", self.duration)
        is_whole = isinstance(self.concurrency, int) and not isinstance(self.concurrency, bool)
        if not is_whole or self.concurrency < 1:
            raise ValueError(f"concurrency={self.concurrency}: must be a whole number from 1")

    def load(self, workload: Workload) -> None:
        """Imports what the workload names, then loads it: a phase each."""
        self._phases = Phases(clock=self.clock)
        gc.collect()
        heap.trim()
        self._phases.end("harness")
        if isinstance(workload, Imports):
            for name in workload.imports:
                importlib.import_module(name)
            self._phases.end("imports")
        workload.load()
        self._phases.end("load")

    def open(self, workload: Workload) -> None:
        """Starts the callers, where there are to be several."""
        self._workload = workload
        self._callers = Callers(workload.step, self.concurrency) if self.concurrency > 1 else None
        self._history = History()

    def observe(self, iterations: int) -> Sequence[Samples]:
        """``peak_rss`` of each call first (with several callers: of the slice), then the rest."""
        count = iterations * self.concurrency
        is_first = "first_call" not in self._phases
        if is_first:
            self._phases.end_inputs(steps.prepare_first(self._workload, count))
            self._loaded = self._now()
        else:
            steps.prepare(self._workload, count)
        gpu_memory.reset_peak()
        if self._callers is None:
            peaks, items = self._one_by_one(iterations)
        else:
            peaks, items = self._at_once(self._callers, iterations)
        gpu_readings = (*gpu_memory.readings(), *gpu_memory.memory())
        readings = (
            Samples.of("peak_rss", "MB", *(peak / MEGA for peak in peaks), summary="largest"),
            *self._at_rest(max(peaks)),
            Samples.of("calls", "1", count, items=[items], better="higher", summary="total"),
            *gpu_readings,
        )
        self._history.add(readings)
        # Again at the end, among the measured; here for whoever does not live to see it.
        return (*readings, *self._phases.samples()) if is_first else readings

    def measuring(self) -> None:
        """Ends the phase of warming up."""
        self._phases.end("warmup")
        self._history.measuring()

    def finish(self) -> Sequence[Samples]:
        """What a collection and a trim give back, the parts that can be told, and the phases."""
        at_rest = self._now().rss
        gc.collect()
        collected = self._now().rss
        sizes = {"gc_freed": at_rest - collected}
        settled = collected
        if heap.trim():
            settled = self._now().rss
            sizes["trim_freed"] = collected - settled
        sizes["settled_rss"] = settled
        if (weights := components.weights(self._workload)) is not None:
            sizes |= {"weights": weights.size, "component_weights": weights.resident}
        if (tokenizers := components.tokenizers(self._workload)) is not None:
            sizes["component_tokenizer"] = tokenizers
        return (*_megabytes(sizes), *self._phases.samples())

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """What this system does not tell of memory, in words."""
        return {"memory_not_told": "; ".join(process_memory.not_told()) or None}

    def close(self) -> Sequence[Path]:
        """The history, one line for each reading."""
        if self._callers is not None:
            self._callers.close()
        return (self._history.write(),)

    def _one_by_one(self, iterations: int) -> tuple[list[int], int]:
        """High-water mark of each call, and the items of all."""
        step, peaks, items = self._workload.step, [], 0
        for _ in range(iterations):
            process_memory.reset_peak()
            items += step()
            peaks.append(self._now().peak_rss)
            self._has_called()
        return peaks, items

    def _at_once(self, callers: Callers, iterations: int) -> tuple[list[int], int]:
        """High-water mark of all the calls together, and their items."""
        process_memory.reset_peak()
        items = callers.run(iterations)
        peak = self._now().peak_rss
        self._has_called()
        return [peak], items

    def _now(self) -> ProcessMemory:
        """The process as a service's would be, without the inputs."""
        return process_memory.now().without(self._phases.left_out)

    def _has_called(self) -> None:
        steps.counts(self._workload)  # it keeps them until asked
        if "first_call" not in self._phases:
            self._phases.end("first_call")

    def _at_rest(self, peak: int) -> list[Samples]:
        """Memory while nobody calls, and what calls took beyond it at most."""
        now, inputs = self._now(), self._phases.left_out
        found = _megabytes({"steady_rss": now.rss})
        if process_memory.read() is not None:
            taken = process_memory.taken_by_calls(peak, now, self._loaded) / MEGA
            found.append(Samples.of("rss_delta", "MB", taken, summary="largest"))
            found += _megabytes({"anonymous": now.anonymous})
        if (shares := process_memory.shares()) is not None:
            found += _megabytes({"pss": shares.pss - inputs, "uss": shares.uss - inputs})
        if (in_use := heap.in_use()) is not None:
            found += _megabytes({"heap_in_use": in_use - inputs})
        return [*found, Samples.of("elapsed", "s", self._phases.seconds())]


def _megabytes(sizes: Mapping[str, int]) -> list[Samples]:
    return [Samples.of(name, "MB", size / MEGA, summary="last") for name, size in sizes.items()]

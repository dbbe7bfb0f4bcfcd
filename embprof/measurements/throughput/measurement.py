"""Seconds of each call of a warm workload, and what it used beside time.

Physics: a call's *service time* is the wall time from handing the texts over to having the
embeddings, device included, with one caller that waits (closed loop). Throughput is items over
seconds of those calls.

What can go wrong, and what is done: inputs made inside the timed part (they are made before); a
device that is still running when the clock stops (``step`` returns when it is finished); readings
that disturb (memory and CPU time are read once a slice, between calls); a collector pause in some
calls (left in: the user's service has it too).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from embprof.interface import steps
from embprof.interface.workload import Workload
from embprof.machine import gpu_memory, process_memory
from embprof.machine.process_memory import ProcessMemory
from embprof.model import Samples


@dataclass(kw_only=True)
class Throughput:
    """Service time of each call; tokens, CPU time and memory of each slice."""

    account: ClassVar[str] = "embprof.measurements.throughput.account.THROUGHPUT"

    isolation: Literal["fork", "fresh"] = field(default="fork", init=False)
    clock: Callable[[], float] = time.perf_counter
    cpu_clock: Callable[[], float] = time.process_time

    def open(self, workload: Workload) -> None:
        """Gets ready; what was read while the workload was loaded is not of calls."""
        self._workload = workload
        self._inputs: int | None = None
        steps.readings(workload)

    def observe(self, iterations: int) -> Sequence[Samples]:
        """``call_time`` of each iteration first, then what was used by all of them together."""
        workload = self._workload
        if self._inputs is None:
            self._inputs = steps.prepare_first(workload, iterations)
            self._loaded = self._now()
        else:
            steps.prepare(workload, iterations)
        process_memory.reset_peak()
        gpu_memory.reset_peak()
        cpu_started = self.cpu_clock()
        times, items = steps.timed(workload.step, iterations, self.clock)
        cpu_seconds = self.cpu_clock() - cpu_started
        return (
            Samples.of("call_time", "s", *times, items=items),
            Samples.of("cpu_time", "s", cpu_seconds),
            *steps.readings(workload),
            *self._memory(),
            *gpu_memory.readings(),
            *(
                Samples.of(name, "1", float(count), summary="total")
                for name, count in steps.counts(workload).items()
            ),
        )

    def close(self) -> Sequence[Path]:
        """Throughput leaves no files of its own."""
        return ()

    def _memory(self) -> list[Samples]:
        now, loaded = self._now(), self._loaded
        if now is None or loaded is None:
            return []
        taken = process_memory.taken_by_calls(now.peak_rss, now, loaded)
        return [
            Samples.of("steady_rss", "MB", now.rss / 1e6, summary="last"),
            Samples.of("peak_rss", "MB", now.peak_rss / 1e6, summary="largest"),
            Samples.of("rss_delta", "MB", taken / 1e6, summary="largest"),
        ]

    def _now(self) -> ProcessMemory | None:
        """Memory without the inputs, which a service has not; None where the system is silent."""
        now = process_memory.read()
        return None if now is None else now.without(self._inputs or 0)

"""Time and memory by operator of PyTorch, on host and device, with ``torch.profiler``.

Each time it watches, one call is made first with tracing on and thrown away (schedule: warmup=1,
active=the calls), since starting to trace costs time that is no operator's. Source: the tutorial of
torch.profiler, "using tracing functionality". One watched stretch is kept as a trace for Perfetto
or ``chrome://tracing``.

What can go wrong: an event an operator slows calls of small batches down most; time in Python
between operators is nobody's and is missing from the sum of operators; memory counts allocations
by the operators' own allocator, minus what they freed.
"""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from embprof.measurements.profile.profilers.functions import OPERATOR, Functions, FunctionTime

TRACE = "trace.json"
STEP = "ProfilerStep"
MICROSECOND = 1e-6


class Torch:
    """A profile of operators."""

    unwatched = 1

    def __init__(self, _interval: float) -> None:
        import torch  # only workers import torch

        self._torch: Any = torch
        self._folder = Path(tempfile.mkdtemp())
        self.forget()

    def watch(self, call: Callable[[], float], calls: int) -> list[float]:
        """Makes one call more than that, of which the first is not kept."""
        profiler: Any = self._torch.profiler
        kinds = profiler.ProfilerActivity
        on_cuda = self._torch.cuda.is_initialized()
        activities = [kinds.CPU, kinds.CUDA] if on_cuda else [kinds.CPU]
        schedule = profiler.schedule(wait=0, warmup=1, active=calls, repeat=1)
        seconds: list[float] = []
        with profiler.profile(
            activities=activities,
            schedule=schedule,
            profile_memory=True,
            on_trace_ready=self._keep,
            acc_events=True,
        ) as watching:
            call()
            watching.step()
            for _ in range(calls):
                seconds.append(call())
                watching.step()
        self._seconds += sum(seconds)
        return seconds

    def forget(self) -> None:
        """Starts anew."""
        self._seconds = 0.0
        self._sums: dict[str, list[float]] = defaultdict(lambda: [0.0] * 5)
        self._has_trace = False

    def functions(self) -> Functions:
        """Time, calls and memory by operator; shares are of the calls' wall time."""
        rows = tuple(
            FunctionTime(
                function=name,
                file=OPERATOR,
                line=None,
                self_seconds=own * MICROSECOND,
                cumulative_seconds=total * MICROSECOND,
                calls=round(calls),
                allocated_bytes=round(memory),
                device_seconds=device * MICROSECOND,
            )
            for name, (own, total, calls, memory, device) in self._sums.items()
        )
        return Functions(seconds=self._seconds, rows=rows)

    def write(self, folder: Path) -> Sequence[Path]:
        """The trace of the first stretch that was watched."""
        if not self._has_trace:
            return ()
        return (Path(shutil.move(self._folder / TRACE, folder / TRACE)),)

    def _keep(self, watched: Any) -> None:
        for event in watched.key_averages():
            if event.key.startswith(STEP):
                continue
            sums = self._sums[event.key]
            readings = (
                event.self_cpu_time_total,
                event.cpu_time_total,
                event.count,
                event.self_cpu_memory_usage + event.self_device_memory_usage,
                event.self_device_time_total,
            )
            for number, value in enumerate(readings):
                sums[number] += value
        if not self._has_trace:
            watched.export_chrome_trace(str(self._folder / TRACE))
            self._has_trace = True

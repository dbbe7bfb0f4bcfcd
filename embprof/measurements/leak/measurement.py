"""What is in use after each call, so that memory which is never given back shows.

Physics: *in use* are the bytes that somebody asked for and has not given back: those of the C
library's allocator (tensors, strings, other libraries), and of Python's own for small objects.
Resident memory is the poorer witness: freed pages stay resident, leaked bytes fit into pages that
already are, and it moves by a page at a time. In use is exact to the byte and costs microseconds.

What can go wrong, and what is done: garbage in cycles waits for the collector (it is run before a
reading; what lives when measuring begins is set aside, or each collection would take a third of a
second with PyTorch loaded); readings that leak themselves (they go into memory taken beforehand);
inputs made ahead, which shrink (each is made right before its call); a reading that takes longer
than the call (once readings have taken two seconds and a quarter of the time of the calls, only
each tenth call is sure of one). What is mapped past both allocators shows in USS alone, so that is
read too.

Two processes tell a leak from a cache that fills: :mod:`embprof.measurements.leak.slope`.
"""

import gc
import sys
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from embprof.interface import steps
from embprof.interface.workload import Workload
from embprof.machine import gpu_memory, heap, process_memory
from embprof.measurements.leak import bounded_caches
from embprof.measurements.leak.python_heap import PythonHeap
from embprof.model import Samples
from embprof.units import MEGA

FREE_SECONDS, SHARE = 2.0, 0.25
"""What readings may take: so much in all, and so much of the time of the calls."""
MOST_CALLS_WITHOUT = 9
"""Between two readings, however long readings take: a gap could hide a rise, or a fall."""
USS_EVERY = 16
"""Readings: the kernel walks all pages for it."""
NEARLY_ALL = 0.8
"""Share of the calls in which a cache took in entries, so that it was not full before the last
fifth of them."""
LARGEST_SLICE = 100_000
"""Readings of one slice that there is room for; a sampler asks for no more calls."""


@dataclass(kw_only=True)
class Leak:
    """Bytes in use after each call, garbage collected; USS more rarely."""

    account: ClassVar[str] = "embprof.measurements.leak.account.LEAK"

    ungated: ClassVar[str] = "it has a verdict of its own: run it without a gate"

    isolation: Literal["fork", "fresh"] = field(default="fresh", init=False)
    clock: Callable[[], float] = time.perf_counter

    def open(self, workload: Workload) -> None:
        """Takes the memory that readings will need."""
        self._workload = workload
        self._python = PythonHeap()
        self._levels, self._gpu_levels, self._uss = map(_Levels, ("in_use", "gpu_in_use", "uss"))
        self._caches: list[bounded_caches.BoundedCache] = []
        self._reading_seconds = self._call_seconds = 0.0
        self._readings = self._calls = self._warmup_calls = 0
        self._counting = self._counts_everything()
        _set_aside()

    def measuring(self) -> None:
        """Sets aside what lives when the workload has warmed up."""
        gc.unfreeze()
        self._caches = bounded_caches.find()
        self._reading_seconds = self._call_seconds = 0.0
        self._warmup_calls = self._calls
        _set_aside()

    def observe(self, iterations: int) -> Sequence[Samples]:
        """``in_use`` first, a value for ``items`` calls; 0 items: the last reading once more."""
        workload, clock, step = self._workload, self.clock, self._workload.step
        others = self._gpu_levels, self._uss
        for levels in (self._levels, *others):
            levels.clear()
        items, before = 0, self._call_seconds
        for call in range(iterations):
            steps.prepare(workload, 1)
            started = clock()
            items += step()
            ended = clock()
            self._calls += 1
            self._call_seconds += ended - started
            steps.counts(workload)
            if self._may_read() or call == iterations - 1:
                self._read()
                self._reading_seconds += clock() - ended
        resident = process_memory.read()
        return (
            self._levels.samples(each_call=True),
            *(levels.samples() for levels in others if levels),
            _of_slice("python_blocks", "1", sys.getallocatedblocks()),
            *([] if resident is None else [_of_slice("steady_rss", "MB", resident.rss / MEGA)]),
            Samples.of(
                "in_calls", "s", self._call_seconds - before, items=[items], summary="total"
            ),
        )

    def finish(self) -> Sequence[Samples]:
        """Entries of caches that were still to fill, and how much memory there is to leak into."""
        from embprof.machine.facts.memory import read
        from embprof.machine.files import Files

        filling = self._fills_fastest()
        found = [_of_slice("filling_entries", "1", filling.added if filling is not None else 0)]
        available = read(Files()).available
        if available is not None:
            found.append(_of_slice("headroom", "MB", available / MEGA))
        if (cuda := gpu_memory.cuda()) is not None:
            found.append(_of_slice("gpu_headroom", "MB", cuda.mem_get_info()[0] / MEGA))
        return found

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """What counts as in use on this system, and a cache of known bound that still fills."""
        filling, cache = self._fills_fastest(), None
        if filling is not None and filling.added > 0:
            cache = f"{filling.name}: {filling.size()} entries of {filling.bound}"
        return {"in_use_counts": self._counting, "filling_cache": cache}

    def close(self) -> Sequence[Path]:
        """Leaves no files of its own."""
        gc.unfreeze()
        self._python.close()
        return ()

    def _fills_fastest(self) -> bounded_caches.BoundedCache | None:
        """The cache with the most entries among those that took in some until nearly the end."""
        nearly_all = NEARLY_ALL * (self._calls - self._warmup_calls)
        bounded = [one for one in self._caches if one.is_bounded]
        filling = [one for one in bounded if not one.is_full or one.added >= nearly_all]
        return max(filling, key=lambda cache: cache.added, default=None)

    def _may_read(self) -> bool:
        is_cheap = self._reading_seconds <= FREE_SECONDS + SHARE * self._call_seconds
        return is_cheap or self._calls - self._levels.last_call > MOST_CALLS_WITHOUT

    def _read(self) -> None:
        gc.collect()
        self._levels.add(self._calls, self._in_use())
        if (cuda := gpu_memory.cuda()) is not None:
            self._gpu_levels.add(self._calls, int(cuda.memory_allocated()))
        if self._readings % USS_EVERY == 0 and (shares := process_memory.shares()) is not None:
            self._uss.add(self._calls, shares.uss)
        self._readings += 1

    def _in_use(self) -> int:
        """Bytes handed out by malloc and by Python; resident ones where malloc does not tell."""
        malloc = heap.in_use()
        if malloc is None:
            return process_memory.now().rss
        return malloc + (self._python.in_use() or 0)

    def _counts_everything(self) -> str:
        if heap.in_use() is None:
            return "resident memory: this C library does not tell what is in use"
        if self._python.in_use() is None:
            return "malloc alone: this Python does not tell the size of small objects"
        return "malloc and Python's small objects"


class _Levels:
    """Readings of one slice, in memory that is taken once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._covered = array("q", bytes(8 * LARGEST_SLICE))
        self._bytes = array("d", bytes(8 * LARGEST_SLICE))
        self._count = self.last_call = 0

    def clear(self) -> None:
        self._count = 0

    def add(self, call: int, level: float) -> None:
        self._covered[self._count], self._bytes[self._count] = call - self.last_call, level
        self._count += 1
        self.last_call = call

    def __bool__(self) -> bool:
        return self._count > 0

    def samples(self, *, each_call: bool = False) -> Samples:
        """The readings, each with the calls since the one before it.

        ``each_call``: calls without a reading get the next one too, with no items.
        """
        values: list[float] = []
        items: list[int] = []
        for level, covered in zip(self._bytes, self._covered[: self._count], strict=False):
            repeats = covered if each_call else 1
            values += [level / MEGA] * repeats
            items += [*[0] * (repeats - 1), covered]
        return Samples.of(self._name, "MB", *values, items=items, summary="last")


def _set_aside() -> None:
    """Collects, and makes later collections leave alone what lives now."""
    gc.collect()
    gc.freeze()


def _of_slice(name: str, unit: str, value: float) -> Samples:
    return Samples.of(name, unit, value, summary="last")

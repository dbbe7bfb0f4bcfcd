"""What surrounds the calls of any workload: its inputs before them, what it read and counted after.

A workload need have none of it; then nothing is done, and nothing was read.
"""

from collections.abc import Callable, Mapping, Sequence

from embprof.interface.workload import Counts, Prepares, Reads, Workload
from embprof.machine import heap, process_memory
from embprof.model import Samples

LARGE = 16 * 2**20
"""Bytes of a corpus from which giving back is worth the time that later calls need to take anew."""


def prepare(workload: Workload, steps: int) -> None:
    """Has the inputs of so many calls made, outside of what is timed."""
    if isinstance(workload, Prepares):
        workload.prepare(steps)


def prepare_first(workload: Workload, steps: int) -> int:
    """The same for the first calls; bytes of memory that it took, with the corpus that is read.

    A service gets its texts from others and keeps none, so these are the harness's. Reading a large
    corpus leaves holes, which are given back: calls would fill them, and seem to need no memory.
    """
    if not isinstance(workload, Prepares):
        return 0
    before = process_memory.now().rss
    workload.prepare(steps)
    taken = process_memory.now().rss - before
    if taken > LARGE and heap.trim():
        taken = process_memory.now().rss - before
    return max(0, taken)


def counts(workload: Workload) -> Mapping[str, float]:
    """What was done since the last time beside items; an encoder keeps it until asked."""
    return workload.counts() if isinstance(workload, Counts) else {}


def readings(workload: Workload) -> Sequence[Samples]:
    """What the workload read of its calls since the last time."""
    return workload.readings() if isinstance(workload, Reads) else ()


def timed(
    step: Callable[[], int], calls: int, clock: Callable[[], float]
) -> tuple[list[float], list[int]]:
    """The seconds of each of so many calls, and its items; nothing else is done meanwhile."""
    times: list[float] = []
    items: list[int] = []
    for _ in range(calls):
        started = clock()
        done = step()
        times.append(clock() - started)
        items.append(done)
    return times, items

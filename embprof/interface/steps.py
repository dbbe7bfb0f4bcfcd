"""What surrounds the calls of any workload: its inputs before them, what it read and counted after.

A workload need have none of it; then nothing is done, and nothing was read.
"""

from collections.abc import Callable, Mapping, Sequence

from embprof.interface.workload import Counts, Prepares, Reads, Workload
from embprof.model import Samples


def prepare(workload: Workload, steps: int) -> None:
    """Has the inputs of so many calls made, outside of what is timed."""
    if isinstance(workload, Prepares):
        workload.prepare(steps)


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

"""Workloads of known cost and known faults, for tests of embprof and of what is built on it.

Use one in YAML as any other (``_target_: embprof.testing.Sleep``, ``seconds: 0.01``), or in Python
with :class:`FakeClock`, so that a timing can be asserted exactly.
"""

from embprof.testing.clock import FakeClock
from embprof.testing.contention import BlocksOnLock, Divides
from embprof.testing.costs import Busy, Holds, Prints, Sleep, Spike
from embprof.testing.faults import Fails
from embprof.testing.leaks import (
    ArenaSteps,
    BoundedCache,
    Cycles,
    LeaksInC,
    LeaksInPython,
    LruFill,
    Pieces,
    Sawtooth,
)

__all__ = [
    "ArenaSteps",
    "BlocksOnLock",
    "BoundedCache",
    "Busy",
    "Cycles",
    "Divides",
    "Fails",
    "FakeClock",
    "Holds",
    "LeaksInC",
    "LeaksInPython",
    "LruFill",
    "Pieces",
    "Prints",
    "Sawtooth",
    "Sleep",
    "Spike",
]

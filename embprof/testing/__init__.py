"""Workloads of known cost and known faults, for tests of embprof and of what is built on it.

Use one in YAML as any other (``_target_: embprof.testing.Sleep``, ``seconds: 0.01``), or in Python
with :class:`FakeClock`, so that a timing can be asserted exactly.
"""

from embprof.testing.clock import FakeClock
from embprof.testing.costs import Busy, Prints, Sleep
from embprof.testing.faults import Fails

__all__ = ["Busy", "Fails", "FakeClock", "Prints", "Sleep"]

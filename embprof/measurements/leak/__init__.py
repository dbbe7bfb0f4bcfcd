"""Whether memory leaks, and where: the measurement, its tools and its account."""

from embprof.measurements.leak.measurement import Leak

__all__ = ["Leak"]

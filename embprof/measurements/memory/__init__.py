"""Memory of a whole process: the measurement, its tools and its account."""

from embprof.measurements.memory.measurement import Memory

__all__ = ["Memory"]

"""From nothing to the first answer: the measurement, its tools and its account."""

from embprof.measurements.load_time.measurement import LoadTime

__all__ = ["LoadTime"]

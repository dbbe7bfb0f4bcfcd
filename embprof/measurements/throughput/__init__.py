"""Items a second and service times of a warm workload: measurement, tools and account."""

from embprof.measurements.throughput.measurement import Throughput

__all__ = ["Throughput"]

"""Where the time of a call goes: the measurement, its tools and its account."""

from embprof.measurements.profile.measurement import Profile

__all__ = ["Profile"]

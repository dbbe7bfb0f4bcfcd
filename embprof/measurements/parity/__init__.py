"""Whether answers are those of the reference: the measurement, its tools and its account."""

from embprof.measurements.parity.measurement import Parity

__all__ = ["Parity"]

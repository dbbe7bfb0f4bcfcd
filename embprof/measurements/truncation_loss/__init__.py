"""What cutting texts costs in meaning: the measurement, its tools and its account."""

from embprof.measurements.truncation_loss.measurement import TruncationLoss

__all__ = ["TruncationLoss"]

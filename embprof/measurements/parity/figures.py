"""The figures of faults; those of the answers themselves are the workload's."""

from embprof.measurements.parity.measurement import CHECK_TIME, FAULTS

READ = frozenset({CHECK_TIME})
"""What is read and no figure: how long it took is nobody's concern."""
FIGURES = frozenset({FAULTS})
"""The names of all figures of its own."""

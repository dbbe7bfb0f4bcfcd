"""The names of the figures of a GPU's memory, in every measurement that reads it."""

WHILE_CALLING = frozenset({"gpu_allocated_mb", "gpu_reserved_mb", "gpu_utilization_percent"})
AT_REST = frozenset({"gpu_steady_allocated_mb", "gpu_split_mb", "gpu_fragmentation_percent"})

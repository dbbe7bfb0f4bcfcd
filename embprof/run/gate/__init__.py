"""Two arms measured in turn, and a verdict with a known error rate."""

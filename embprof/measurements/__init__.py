"""How a workload is observed: one folder per measurement, with its tools and its account."""

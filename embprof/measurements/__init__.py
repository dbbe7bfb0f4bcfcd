"""How a workload is observed: a folder for each measurement, with its tools and its account."""

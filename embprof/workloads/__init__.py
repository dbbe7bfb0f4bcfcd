"""What runs: a folder for each workload, with its tools and its account."""

"""A claim from its text to a verdict: the workload, its tools and its account."""

from embprof.workloads.pipeline.workload import Pipeline

__all__ = ["Pipeline"]

"""The user's own function or class: the workload, its tools and its account."""

from embprof.workloads.callable.workload import Callable

__all__ = ["Callable"]

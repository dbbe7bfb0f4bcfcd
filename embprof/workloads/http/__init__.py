"""An embedding server that is asked over HTTP: the workload, its tools and its account."""

from embprof.workloads.http.workload import Http

__all__ = ["Http"]

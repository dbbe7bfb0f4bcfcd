"""Pairs of evidence and claim judged by a cross-encoder: workload, tools and account."""

from embprof.workloads.nli.workload import Nli

__all__ = ["Nli"]

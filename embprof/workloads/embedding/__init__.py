"""Texts to vectors with a sentence encoder: the workload, its tools and its account."""

from embprof.workloads.embedding.workload import Embedding

__all__ = ["Embedding"]

"""The nearest of many vectors, found by PostgreSQL with pgvector: workload, tools and account."""

from embprof.workloads.vector_search.workload import VectorSearch

__all__ = ["VectorSearch"]

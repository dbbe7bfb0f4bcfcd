"""Operations of SQL statements against PostgreSQL: the workload, its tools and its account."""

from embprof.workloads.sql.workload import Sql

__all__ = ["Sql"]

"""What is to be made, and where; nothing of it imports a client of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embprof.machine.fingerprint import digest
from embprof.workloads.vector_search.index.index import Index
from embprof.workloads.vector_search.vectors import Source

LAYOUT = 1
"""Raised when the same vectors come to be stored in another way."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that decides what is in a table, and where it is made."""

    source: Source
    index: Index
    seed: int
    service: Mapping[str, Any]

    def schema(self) -> str:
        """The schema that it has for itself."""
        content = {
            "layout": LAYOUT,
            "vectors": self.source.identity(),
            "index": self.index.ddl,
            "seed": self.seed,
        }
        return f"{self.service['schema_prefix']}_{digest(content)}"

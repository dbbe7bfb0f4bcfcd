"""What is to be made, and where; nothing of it imports a client of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embprof.machine.fingerprint import digest
from embprof.workloads.vector_search.index.index import Index
from embprof.workloads.vector_search.vectors import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CATEGORY = 0x63_6174
"""Keeps the numbers of categories apart from others of the same seed: the letters ``cat``."""
LAYOUT = 1
"""Raised when the same vectors come to be stored in another way."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that decides what is in a table, and where it is made."""

    source: Source
    index: Index
    seed: int
    service: Mapping[str, Any]

    def categories(self, rows: int) -> NDArray[np.float64]:
        """A number for each vector, uniform in [0, 1), (N,): for filters that let a share through.

        Those of fewer rows are the beginning of those of more.
        """
        import numpy as np

        return np.random.default_rng((self.seed, CATEGORY)).random(rows)

    def schema(self) -> str:
        """The schema that it has for itself."""
        content = {
            "layout": LAYOUT,
            "vectors": self.source.identity(),
            "index": self.index.ddl,
            "seed": self.seed,
        }
        return f"{self.service['schema_prefix']}_{digest(content)}"

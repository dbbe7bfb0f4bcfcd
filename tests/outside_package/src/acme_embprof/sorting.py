"""A workload: rows that are sorted."""

import random
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

FEWEST = 2


class Sorting:
    """Sorts rows of random numbers by insertion, and counts what it moves."""

    account: ClassVar[str] = "acme_embprof.account.SORTING"
    imports: ClassVar[tuple[str, ...]] = ("random",)
    items = "rows"

    def __init__(self, rows: Annotated[int, Field(ge=1)], seed: int = 0) -> None:
        self.rows = rows
        self.seed = seed
        self.moves = 0

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """One row is sorted already."""
        if config["workload"]["rows"] < FEWEST:
            yield f"workload.rows={config['workload']['rows']}: there is nothing to sort"

    def load(self) -> None:
        self.random = random.Random(self.seed)

    def step(self) -> int:
        rows = [self.random.random() for _ in range(self.rows)]
        self.moves = 0
        for at in range(1, len(rows)):
            row, to = rows[at], at
            while to and rows[to - 1] > row:
                rows[to] = rows[to - 1]
                to -= 1
            rows[to] = row
            self.moves += at - to
        return self.rows

    def moved(self) -> int:
        """Rows that the last step moved."""
        return self.moves

    def description(self) -> Mapping[str, str]:
        return {"algorithm": "insertion"}

    def close(self) -> None:
        pass

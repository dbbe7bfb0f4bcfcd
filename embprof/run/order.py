"""The order of slices: drawn, and mirrored in every second round.

A fixed order is biased where the machine drifts, and so is an order that always begins alike. Drawn
anew for every two rounds and turned round in the second, a drift cancels within the two, a rhythm
of the machine within a few.
"""

import random
from collections.abc import Sequence


class Order:
    """Draws the order of rounds; the same ``seed`` and rows give the same orders."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self._drawn: list[int] = []

    def drawn(self, rows: Sequence[int]) -> list[int]:
        """An order by itself."""
        order = list(rows)
        self._random.shuffle(order)
        return order

    def begin(self) -> None:
        """The next round is no mirror image: its order is drawn."""
        self._drawn = []

    def next(self, rows: Sequence[int]) -> list[int]:
        """The order of the next round, of rows that are known by their numbers.

        Rows that have left since the order was drawn are left out of its mirror image; where others
        have come, it is drawn anew.
        """
        before, self._drawn = self._drawn, []
        if before and set(rows) <= set(before):
            return [row for row in reversed(before) if row in rows]
        self._drawn = self.drawn(rows)
        return list(self._drawn)

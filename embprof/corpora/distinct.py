"""Distinct texts of an endless stream, which repeats itself once the corpus is used up."""

from collections.abc import Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

PATIENCE = 100
"""Texts in a row that were all seen before, beyond twice the seen ones, after which no other comes.

A stream goes through the whole corpus before it begins anew, so a round without anything new is at
most twice as far away as a corpus without repetitions is long.
"""


def distinct(stream: Iterable[T], count: int) -> list[T]:
    """The first ``count`` texts that differ, fewer where the stream brings no more."""
    seen: dict[T, None] = {}
    in_vain = 0
    for text in stream:
        if len(seen) == count or in_vain > 2 * len(seen) + PATIENCE:
            break
        in_vain = in_vain + 1 if text in seen else 0
        seen[text] = None
    return list(seen)

"""Queries of a claim, and the passages that they find: asked one after the other, or at once.

Several phrasings of one claim find more than one does, for passages that refute it are worded
otherwise than it is; what they find is put together. The searches are independent of each other,
so a service may wait for each in turn, or send them on several connections at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal

from embprof.workloads.vector_search.index import Hit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PLACE = "{claim}"
Retrieval = Literal["sequential", "parallel"]
Find = Callable[["NDArray[np.float32]"], Sequence[Sequence[Hit]]]
"""(N, D) vectors to the hits of each, on the calling thread's own connection."""


def queries(claim: str, phrasings: Sequence[str]) -> list[str]:
    """The claim in each phrasing: ``Is it true? {claim}``."""
    return [phrasing.replace(PLACE, claim) for phrasing in phrasings]


def together(found: Iterable[Sequence[Hit]], k: int) -> list[Hit]:
    """The ``k`` nearest distinct passages of several searches, nearest first."""
    nearest: dict[str, Hit] = {}
    for hit in (hit for hits in found for hit in hits):
        known = nearest.get(hit.text)
        if known is None or hit.distance < known.distance:
            nearest[hit.text] = hit
    return sorted(nearest.values(), key=lambda hit: hit.distance)[:k]


class Searches:
    """Runs the searches of a step, of several callers too; threads are made as they are needed."""

    def __init__(self, find: Find, retrieval: Retrieval, threads: int) -> None:
        self._find = find
        self._pool = ThreadPoolExecutor(threads, "retrieval") if retrieval == "parallel" else None

    def run(self, vectors: NDArray[np.float32]) -> list[Sequence[Hit]]:
        """The hits of each of the (N, D) vectors, in their order; raises what a search raises."""
        each = [vectors[at : at + 1] for at in range(len(vectors))]
        found = map(self._find, each) if self._pool is None else self._pool.map(self._find, each)
        return [hits for (hits,) in found]

    def close(self) -> None:
        """Ends the threads."""
        if self._pool is not None:
            self._pool.shutdown()

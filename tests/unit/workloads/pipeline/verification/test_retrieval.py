"""Searches one after the other and at once, and what they find together."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from embprof.workloads.pipeline.verification.retrieval import Retrieval, Searches, queries, together
from embprof.workloads.vector_search.index import Hit

if TYPE_CHECKING:
    from numpy.typing import NDArray

WAYS: tuple[Retrieval, ...] = ("sequential", "parallel")
PATIENCE = 30.0


def ten_times(vectors: NDArray[np.float32]) -> Sequence[Sequence[Hit]]:
    return [[Hit(f"{10 * row[0]:.0f}", 0.0)] for row in vectors]


def test_a_claim_is_put_where_the_phrasing_has_its_place() -> None:
    found = queries("Ice floats. {x}", ("{claim}", "Is it true? {claim}"))
    assert found == ["Ice floats. {x}", "Is it true? Ice floats. {x}"]


def test_the_nearest_of_several_searches_come_once_each() -> None:
    first = [Hit("a", 0.1), Hit("b", 0.4)]
    second = [Hit("b", 0.2), Hit("c", 0.3)]
    assert together([first, second], 2) == [Hit("a", 0.1), Hit("b", 0.2)]
    assert together([], 2) == []


@pytest.mark.parametrize("way", WAYS)
def test_hits_come_in_the_order_of_the_vectors(way: Retrieval) -> None:
    searches = Searches(ten_times, way, 3)
    vectors = np.arange(20, dtype=np.float32).reshape(20, 1)
    found = [hits[0].text for hits in searches.run(vectors)]
    searches.close()
    assert found == [str(10 * number) for number in range(20)]


def test_searches_at_once_are_at_once() -> None:
    """Each waits until all have begun; one after the other they would never end."""
    begun = threading.Barrier(3, timeout=PATIENCE)

    def find(vectors: NDArray[np.float32]) -> Sequence[Sequence[Hit]]:
        begun.wait()
        return ten_times(vectors)

    searches = Searches(find, "parallel", 3)
    assert len(searches.run(np.zeros((3, 1), dtype=np.float32))) == 3
    searches.close()


def test_searches_in_sequence_stay_on_the_callers_thread() -> None:
    seen: set[int] = set()

    def find(vectors: NDArray[np.float32]) -> Sequence[Sequence[Hit]]:
        seen.add(threading.get_ident())
        return ten_times(vectors)

    searches = Searches(find, "sequential", 3)
    searches.run(np.zeros((3, 1), dtype=np.float32))
    searches.close()
    assert seen == {threading.get_ident()}


@pytest.mark.parametrize("way", WAYS)
def test_what_a_search_raises_is_raised(way: Retrieval) -> None:
    def find(_vectors: NDArray[np.float32]) -> Sequence[Sequence[Hit]]:
        raise ConnectionError("the server is gone")

    searches = Searches(find, way, 2)
    with pytest.raises(ConnectionError, match="gone"):
        searches.run(np.zeros((2, 1), dtype=np.float32))
    searches.close()

"""The small services of the scenarios give the same answers in either way."""

import numpy as np
import pytest

from embprof.examples import heavy_search, memory_pressure, sequential
from embprof.examples.heavy_search import HeavySearch
from embprof.examples.memory_pressure import MemoryPressure
from embprof.examples.sequential import Sequential


def test_both_ways_to_search_find_the_same() -> None:
    found = []
    for method in heavy_search.METHODS:
        service = HeavySearch(vectors=300, dimensions=16, count=5, method=method)
        service.setup()
        found.append([service.step().tolist() for _ in range(3)])
    assert found[0] == found[1]
    query = service.vectors[7]
    assert service.find(query)[0] == 7, "a vector is nearest to itself"
    distances = np.linalg.norm(service.vectors - query, axis=1)
    assert service.find(query).tolist() == np.argsort(distances)[:5].tolist()


def test_a_method_that_there_is_not_is_named() -> None:
    with pytest.raises(ValueError, match=r"method=magic: must be one of differences, product"):
        HeavySearch(vectors=10, method="magic")


def test_others_are_asked_as_often_at_once_as_one_after_the_other() -> None:
    for at_once in (False, True):
        service = Sequential(requests=3, seconds=0.0, at_once=at_once)
        service.setup()
        assert service.step() == [sequential.ask(0.0)] * 3
        service.teardown()


def test_parts_have_the_same_checksum_as_the_whole() -> None:
    whole, streamed = (MemoryPressure(megabytes=2, at_once=at_once) for at_once in (True, False))
    assert whole.step() == streamed.step()
    assert sum(map(len, memory_pressure.pieces(2))) == 2 * memory_pressure.MEGABYTE

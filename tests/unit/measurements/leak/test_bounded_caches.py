"""Caches that say their bound, found among all objects."""

import functools
from collections import OrderedDict

from embprof.measurements.leak import bounded_caches
from embprof.measurements.leak.bounded_caches import BoundedCache


class Cache:
    def __init__(self, **bounds: int) -> None:
        self.__dict__ |= bounds
        self.entries: OrderedDict[int, int] = OrderedDict()


def found(name: str) -> list[BoundedCache]:
    return [cache for cache in bounded_caches.find() if name in cache.name]


def test_an_lru_cache_says_how_full_it_is() -> None:
    @functools.lru_cache(maxsize=3)
    def square(number: int) -> int:
        return number * number

    square(1)
    (cache,) = found("test_an_lru_cache_says_how_full_it_is")
    assert (cache.bound, cache.first, cache.added) == (3, 1, 0)
    square(2)
    assert (cache.added, cache.is_full) == (1, False)
    square(3)
    assert (cache.added, cache.is_full) == (2, True)


def test_a_cache_without_a_bound_is_none() -> None:
    @functools.cache
    def cube(number: int) -> int:
        return number**3

    cube(1)
    assert not found("test_a_cache_without_a_bound_is_none")


def test_an_object_with_a_bound_beside_a_container_is_a_cache() -> None:
    mine = Cache(capacity=10)
    (cache,) = found("Cache.entries")
    assert cache.bound == 10
    mine.entries.update({number: number for number in range(4)})
    assert cache.added == 4
    del mine
    assert (cache.size(), cache.added) == (None, 0)


def test_a_number_that_is_no_bound_makes_no_cache() -> None:
    mine = Cache(bytes_a_call=10, batch_size=10, vocab_size=10)
    assert not [cache for cache in found("Cache.entries") if cache.bound == 10]
    assert mine.entries == {}


def test_what_has_grown_beyond_a_number_is_not_bounded_by_it() -> None:
    mine = Cache(cache_size=2)
    (cache,) = [cache for cache in found("Cache.entries") if cache.bound == 2]
    assert cache.is_bounded
    mine.entries.update({number: number for number in range(4)})
    assert not cache.is_bounded

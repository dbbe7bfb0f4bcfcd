"""What was seen before is known, up to a bound."""

from concurrent.futures import ThreadPoolExecutor

from embprof.measurements.leak import bounded_caches
from embprof.workloads.pipeline.verification.cache import Recent


def test_the_least_recently_used_is_forgotten_first() -> None:
    cache = Recent[int](2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1  # now "b" is the oldest
    cache.put("c", 3)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]
    assert len(cache) == 2


def test_a_key_that_comes_again_takes_no_further_place() -> None:
    cache = Recent[int](2)
    for value in range(5):
        cache.put("a", value)
    cache.put("b", 0)
    assert cache.get("a") == 4


def test_the_bound_holds_for_many_threads() -> None:
    cache = Recent[int](10)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: cache.put(str(number % 50), number), range(2000)))
    assert len(cache) == 10


def test_a_cache_that_fills_is_known_to_stop_and_called_no_leak() -> None:
    cache = Recent[int](77_777)
    found = [one for one in bounded_caches.find() if one.bound == cache.capacity]
    assert len(found) == 1
    cache.put("a", 1)
    assert found[0].added == 1

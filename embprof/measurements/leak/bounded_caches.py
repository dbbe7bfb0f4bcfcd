"""Caches with a known bound that are not full yet: they grow as a leak does, and will stop.

``functools.lru_cache`` says its bound and its size. A cache of somebody's own is an object that has
a container (dict, list, set, deque) and, beside it, a number called its maximum, limit, capacity,
size or entries. What is kept elsewhere, or bounded by a constant of a module, is not found.
"""

import contextlib
import functools
import gc
import re
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass
from typing import Any

CONTAINERS = (dict, list, set, deque)
BOUND = re.compile(r"max|limit|bound|capacity|^_*(cache_)?(cap|size|entries)$", re.IGNORECASE)
HEAP_TYPE = 1 << 9
"""Py_TPFLAGS_HEAPTYPE: classes made by a class statement, whose instances have attributes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundedCache:
    """``size`` is None once the cache is gone; ``first`` is what it was when it was found."""

    name: str
    bound: int
    first: int
    size: Callable[[], int | None]

    @property
    def added(self) -> int:
        """Entries that came since; none where it shrank or is gone."""
        return max((self.size() or 0) - self.first, 0)

    @property
    def is_full(self) -> bool:
        """Whether it will grow no more."""
        return self.size() == self.bound

    @property
    def is_bounded(self) -> bool:
        """Whether its bound may be one: what has grown beyond it has none."""
        return (self.size() or 0) <= self.bound


def find() -> list[BoundedCache]:
    """All there are now; takes a second where a million objects live."""
    found: list[BoundedCache] = []
    for thing in gc.get_objects():
        # Whatever an object of somebody's own does when it is looked at, it is none of ours.
        with contextlib.suppress(Exception):
            found += _of(thing)
    return found


def _of(thing: Any) -> Iterator[BoundedCache]:
    kind = type(thing)
    if kind is functools._lru_cache_wrapper:  # noqa: SLF001  (it has no public name)
        bound = thing.cache_parameters()["maxsize"]
        if bound is not None:
            yield _cache(f"lru_cache of {thing.__qualname__}", bound, thing, _entries)
    elif kind.__flags__ & HEAP_TYPE and not issubclass(kind, type):
        # Not vars(): a class may answer for its attributes itself, and import half the world.
        values = object.__getattribute__(thing, "__dict__")
        bounds = [v for k, v in values.items() if type(v) is int and BOUND.search(k) and v > 0]
        for name, value in values.items() if bounds else ():
            if issubclass(type(value), CONTAINERS):
                size = functools.partial(_length_of, name)
                yield _cache(f"{kind.__qualname__}.{name}", max(bounds), thing, size)


def _cache(name: str, bound: int, owner: Any, size: Callable[[Any], int]) -> BoundedCache:
    # A weak reference: a cache that the workload throws away must not live on for being watched.
    known = weakref.ref(owner)

    def now() -> int | None:
        alive = known()
        return None if alive is None else size(alive)

    return BoundedCache(name=name, bound=bound, first=size(owner), size=now)


def _entries(cached: Any) -> int:
    return int(cached.cache_info().currsize)


def _length_of(name: str, owner: Any) -> int:
    container: Sized = object.__getattribute__(owner, "__dict__").get(name, ())
    return len(container)

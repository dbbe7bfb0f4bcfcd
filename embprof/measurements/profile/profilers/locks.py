"""How long threads wait for each other's locks, and from which line.

While :func:`timed` holds, ``threading.Lock`` and ``threading.RLock`` make locks that try first and
start a clock only if they must wait: a lock that is free costs a Python call more. Not seen are
locks that were made before, those of C code, and waiting for something to happen (a queue's item,
an event), which is no contention.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

from embprof.measurements.profile.profilers.functions import short

Wait = tuple[str, float]
"""The line of code that waited, and for how many seconds."""


class Waits:
    """Waits of any thread, as they end."""

    def __init__(self) -> None:
        self._ended: list[Wait] = []

    def add(self, place: str, seconds: float) -> None:
        """Notes a wait; from any thread."""
        self._ended.append((place, seconds))

    def take(self) -> list[Wait]:
        """Those since the last call of this method."""
        taken, self._ended = self._ended, []
        return taken


class TimedLock:
    """A lock around another that notes what had to be waited for it."""

    def __init__(self, lock: Any, waits: Waits) -> None:
        self._lock = lock
        self._waits = waits

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001, FBT002
        """As the original."""
        return self._acquire(blocking, timeout)

    def __enter__(self) -> bool:
        return self._acquire(True, -1)

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lock, name)

    def _acquire(self, blocking: bool, timeout: float) -> bool:  # noqa: FBT001
        if self._lock.acquire(blocking=False):
            return True
        if not blocking:
            return False
        started = time.perf_counter()
        got = bool(self._lock.acquire(timeout=timeout))
        seconds = time.perf_counter() - started
        caller = sys._getframe(2)  # noqa: SLF001  (the line that waits; traceback is slower)
        self._waits.add(f"{short(caller.f_code.co_filename)}:{caller.f_lineno}", seconds)
        return got


@contextlib.contextmanager
def timed() -> Iterator[Waits]:
    """Locks that are made within it are timed from then on."""
    waits, lock, rlock = Waits(), threading.Lock, threading.RLock

    def timed_lock() -> TimedLock:
        return TimedLock(lock(), waits)

    def timed_rlock() -> TimedLock:
        return TimedLock(rlock(), waits)

    with (
        mock.patch.object(threading, "Lock", timed_lock),
        mock.patch.object(threading, "RLock", timed_rlock),
    ):
        yield waits

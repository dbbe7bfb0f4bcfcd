"""Inputs of calls made ahead, so that making them is not timed, for whichever thread calls next."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """What ``draw`` makes, one input a call, in order; one thread at a time calls ``draw``."""

    def __init__(self, draw: Callable[[], T]) -> None:
        self._draw = draw
        self._ready: deque[T] = deque()
        self._drawing = threading.Lock()

    def prepare(self, calls: int) -> None:
        """Makes the inputs of the next so many calls; raises what ``draw`` does."""
        with self._drawing:
            while len(self._ready) < calls:
                self._ready.append(self._draw())

    def take(self) -> T:
        """The next input, made now if none was made ahead."""
        try:
            return self._ready.popleft()  # in one go, whatever other threads do
        except IndexError:
            with self._drawing:
                return self._draw()

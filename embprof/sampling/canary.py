"""A fixed piece of work beside every slice: what changes in it cannot be the candidate's doing.

It sorts strings in the C library, which every interpreter on a machine shares, so two environments
time the same instructions; it needs no Python between its beginning and its end. It feels the
clock rate, the caches and a neighbour on the same core.
"""

import ctypes
import random
import time

from embprof.model import Samples

NAME = "embprof.canary"
"""Name of its readings among a slice's samples."""
STRINGS = 10_000
LENGTH = 8
"""Bytes of a string, the zero at its end included. Sorting them all takes 1 ms."""


class Canary:
    """The work, ready to be timed. Raises AttributeError where the C library cannot sort."""

    def __init__(self) -> None:
        libc = ctypes.CDLL(None)
        self._sort, self._compare = libc.qsort, ctypes.cast(libc.strcmp, ctypes.c_void_p)
        self._sort.restype = None
        letters = bytearray(random.Random(0).choices(range(97, 123), k=STRINGS * LENGTH))
        letters[LENGTH - 1 :: LENGTH] = bytes(STRINGS)
        self._unsorted = bytes(letters)
        self._work = ctypes.create_string_buffer(self._unsorted, len(self._unsorted))

    def reading(self) -> Samples:
        """Two timings, after one that only brings the strings back into the caches."""
        self.seconds()
        return Samples.of(NAME, "s", self.seconds(), self.seconds())

    def seconds(self) -> float:
        """How long the work takes now."""
        ctypes.memmove(self._work, self._unsorted, len(self._unsorted))
        started = time.perf_counter()
        self._sort(self._work, ctypes.c_size_t(STRINGS), ctypes.c_size_t(LENGTH), self._compare)
        return time.perf_counter() - started

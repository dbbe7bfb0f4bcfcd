"""Workloads that hold on to memory, for ever or for a while: every verdict on a leak has its truth.

All take ``bytes_a_call`` and no time. Only :class:`LeaksInPython` and :class:`LeaksInC` leak.
"""

import ctypes
from collections import OrderedDict
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Pieces:
    """Every step makes ``bytes_a_call`` bytes; what becomes of them is up to the class."""

    bytes_a_call: int = 1024
    batch_size: int = 1
    items: str = field(default="pieces", init=False)

    def load(self) -> None:
        """Nothing is held yet."""
        self._calls = 0
        self._held: list[bytes] = []

    def step(self) -> int:
        """Makes the bytes."""
        self._calls += 1
        self.hold(bytes(self.bytes_a_call))
        return self.batch_size

    def hold(self, piece: bytes) -> None:
        """Lets go of the bytes at once."""

    def close(self) -> None:
        """The process ends and takes all with it."""


@dataclass(kw_only=True)
class LeaksInPython(Pieces):
    """Keeps every piece in a list."""

    def hold(self, piece: bytes) -> None:
        """Keeps it."""
        # A copy, made on the line to which a search for the leak is to lead.
        self._held.append(bytes(bytearray(piece)))


@dataclass(kw_only=True)
class LeaksInC(Pieces):
    """Takes memory of the C library, through a function written in C, and forgets where it is."""

    def load(self) -> None:
        """Finds the function."""
        super().load()
        self._take = ctypes.pythonapi.PyMem_RawMalloc
        self._take.restype, self._take.argtypes = ctypes.c_void_p, [ctypes.c_size_t]

    def hold(self, piece: bytes) -> None:
        """Forgets it."""
        self._take(len(piece))


@dataclass(kw_only=True)
class Cycles(Pieces):
    """Leaves each piece in a cycle, which waits for the garbage collector."""

    def hold(self, piece: bytes) -> None:
        """Makes the cycle."""
        cycle: list[object] = [bytearray(piece)]
        cycle.append(cycle)


@dataclass(kw_only=True)
class BoundedCache(Pieces):
    """Keeps the first ``entries`` pieces and no more."""

    entries: int = 300

    def load(self) -> None:
        """An empty cache."""
        super().load()
        self._cached: dict[int, bytes] = {}

    def hold(self, piece: bytes) -> None:
        """Keeps it if there is room."""
        if len(self._cached) < self.entries:
            self._cached[self._calls] = piece


@dataclass(kw_only=True)
class LruFill(Pieces):
    """Keeps the last ``capacity`` pieces: grows until then, and stays."""

    capacity: int = 1500

    def load(self) -> None:
        """An empty cache."""
        super().load()
        self._cached: OrderedDict[int, bytes] = OrderedDict()

    def hold(self, piece: bytes) -> None:
        """Keeps it, and drops the oldest when there are too many."""
        self._cached[self._calls] = piece
        if len(self._cached) > self.capacity:
            self._cached.popitem(last=False)


@dataclass(kw_only=True)
class ArenaSteps(Pieces):
    """A pool of memory that doubles, from 1 MB, each time as many calls more were made."""

    first: int = 150

    def load(self) -> None:
        """No pool yet."""
        super().load()
        self._pool: list[bytearray] = []
        self._next = self.first

    def hold(self, piece: bytes) -> None:  # noqa: ARG002  (pieces fit into the pool)
        """Takes more for the pool when its time has come."""
        if self._calls >= self._next:
            self._pool.append(bytearray(1_000_000 * 2 ** len(self._pool)))
            self._next *= 2


@dataclass(kw_only=True)
class Sawtooth(Pieces):
    """Gathers pieces and gives all back every ``period`` calls, as a buffer that is written out."""

    period: int = 270

    def hold(self, piece: bytes) -> None:
        """Gathers it, or gives all back."""
        self._held.append(piece)
        if self._calls % self.period == 0:
            self._held.clear()

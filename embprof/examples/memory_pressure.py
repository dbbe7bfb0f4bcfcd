"""A service whose need of memory grows with what is asked of it."""

import zlib
from collections.abc import Iterator

MEGABYTE = 1_000_000


class MemoryPressure:
    """Checks an answer of many pieces: joined to a whole first, or each piece as it comes."""

    def __init__(self, megabytes: int, *, at_once: bool = True) -> None:
        self.megabytes = megabytes
        self.at_once = at_once

    def step(self) -> int:
        """The checksum of the answer."""
        if self.at_once:
            whole = b"".join(pieces(self.megabytes))  # all of them, and the whole beside them
            return zlib.crc32(whole)
        checksum = 0
        for piece in pieces(self.megabytes):
            checksum = zlib.crc32(piece, checksum)
        return checksum


def pieces(count: int) -> Iterator[bytes]:
    """Pieces of a megabyte, each made when it is asked for."""
    for number in range(count):
        yield bytes([number % 255 + 1]) * MEGABYTE

"""A service whose need of memory grows with what is asked of it."""

import zlib
from collections.abc import Iterator

MEGABYTE = 1_000_000


class MemoryPressure:
    """Checks an answer of many parts: joined to a whole first, or each part as it comes."""

    def __init__(self, megabytes: int, *, at_once: bool = True) -> None:
        self.megabytes = megabytes
        self.at_once = at_once

    def step(self) -> int:
        """The checksum of the answer."""
        if self.at_once:
            whole = b"".join(parts(self.megabytes))  # all parts, and the whole beside them
            return zlib.crc32(whole)
        checksum = 0
        for part in parts(self.megabytes):
            checksum = zlib.crc32(part, checksum)
        return checksum


def parts(count: int) -> Iterator[bytes]:
    """Parts of a megabyte, each made when it is asked for."""
    for number in range(count):
        yield bytes([number % 255 + 1]) * MEGABYTE

"""What the C library's allocator has handed out, and what it would give back to the system.

Resident memory says what a process holds, this what it uses: freed memory often stays with the
allocator, page by page, for the next call. Bytes; None where the C library is not glibc.
Source: mallinfo(3), malloc_trim(3).
"""

import ctypes
import functools

FIELDS = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


class _Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in FIELDS]


def in_use() -> int | None:
    """Bytes handed out and not given back, over all arenas and large blocks of their own."""
    mallinfo2 = getattr(_libc(), "mallinfo2", None)
    if mallinfo2 is None:
        return None
    mallinfo2.restype = _Mallinfo2
    info = mallinfo2()
    return int(info.uordblks) + int(info.hblkhd)


def trim() -> bool:
    """Gives free pages back to the system; False where there is no such call."""
    malloc_trim = getattr(_libc(), "malloc_trim", None)
    if malloc_trim is None:
        return False
    malloc_trim(0)
    return True


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)

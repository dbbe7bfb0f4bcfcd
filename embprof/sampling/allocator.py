"""Takes the luck out of the C library's allocator.

glibc's malloc adapts: it gives memory back to the kernel, or keeps it, by thresholds that move with
what was freed before. Two processes of one program settle differently, for good: of 24 workers that
embedded batches of 32 texts, some met 500 page faults a call and some 13,000, and the latter took
10 % longer (correlation of the two differences over 12 pairs: 0.97). No number of calls averages
that out. With fixed thresholds all have next to no faults, and the spread between processes falls
from 5-7 % to 2 % (docs/explanation/measuring.md).
"""

import ctypes

RETAIN, DEFAULT = "retain", "default"
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
"""Source: malloc.h of glibc; mallopt(3)."""
SETTINGS = {
    M_TRIM_THRESHOLD: 2**31 - 1,  # never give the top of the heap back
    M_TOP_PAD: 256 << 20,  # grow by so much at once: untouched, it takes no memory
    M_MMAP_THRESHOLD: 32 << 20,  # the largest that glibc takes
}


def retain_freed_memory() -> bool:
    """Lets this process keep what it frees; False where the C library has no such thing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # no glibc
        return False
    taken = [mallopt(what, value) == 1 for what, value in SETTINGS.items()]  # each is tried
    return all(taken)

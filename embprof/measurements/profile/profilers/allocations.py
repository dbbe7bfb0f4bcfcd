"""What a call allocates, by the line that does: every request to the C library, with memray.

Counted is what was asked for during the calls, freed again or not: memory that comes and goes costs
time too (pages to clear, caches to fill). Small Python objects share blocks of their own allocator
and are not seen one by one; memory on a GPU is not the C library's.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from embprof.measurements.profile.profilers.functions import short


def sites(call: Callable[[], object], calls: int) -> Sequence[Mapping[str, Any]]:
    """The lines of Python below which so many calls allocate, as they are written; most first.

    Raises ModuleNotFoundError where there is no memray, and RuntimeError where one runs already.
    """
    import memray  # not on Windows

    frees = (memray.AllocatorType.FREE, memray.AllocatorType.MUNMAP)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "allocations.bin"
        with memray.Tracker(file):
            for _ in range(calls):
                call()
        size: Counter[tuple[str, str, int]] = Counter()
        count: Counter[tuple[str, str, int]] = Counter()
        with memray.FileReader(file) as reader:
            for record in reader.get_allocation_records():
                # Memory that a thread without Python asks for has no stack.
                stack = [] if record.allocator in frees else record.stack_trace(max_stacks=1)
                if stack:
                    size[stack[0]] += record.size
                    count[stack[0]] += record.n_allocations
    return [
        {
            "function": function,
            "file": short(path),
            "line": line,
            "bytes_per_call": total / calls,
            "allocations_per_call": count[function, path, line] / calls,
        }
        for (function, path, line), total in size.most_common()
    ]

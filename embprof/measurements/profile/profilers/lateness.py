"""How late a thread gets the GIL: a probe that sleeps, and looks how much later it could go on.

A thread that wakes needs the GIL for its next instruction. Whoever computes in Python gives it up
after ``sys.getswitchinterval()`` (5 ms) if another asks; code in C that releases it, at once. The
lateness has the system's own in it (timer slack, a busy CPU), so it means something only beside
that of controls.
"""

import contextlib
import threading
import time
from collections.abc import Iterator

PERIOD = 0.002
"""Seconds between two probes: some hundred of them in a second, at next to no CPU time."""


@contextlib.contextmanager
def probe(late: list[float]) -> Iterator[None]:
    """Adds, while what is within runs, by how many seconds each probe was late."""
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            wanted = time.perf_counter() + PERIOD
            time.sleep(PERIOD)
            late.append(max(0.0, time.perf_counter() - wanted))

    thread = threading.Thread(target=look, name="embprof-gil-probe", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()

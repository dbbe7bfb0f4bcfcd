"""Somebody else on the machine: a process that uses one CPU for a known share of the time.

It computes in bursts of about a second, as builds and requests of others do, and ends when whoever
started it is gone.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BURST = (0.5, 1.5)
"""Seconds of a burst, all between as likely."""


@contextmanager
def neighbour(duty: float, seed: str = "") -> Iterator[None]:
    """A neighbour that is busy for this share of the time; none for 0.

    The same ``seed`` gives the same bursts.
    """
    if not duty:
        yield
        return
    module = [sys.executable, "-m", "tests.benchmarks.neighbour"]
    process = subprocess.Popen([*module, str(duty), seed, str(os.getpid())], cwd=ROOT)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def bursts(duty: float, seed: str) -> Iterator[tuple[float, float]]:
    """Seconds of each burst and of the rest after it, for ever."""
    draw = random.Random(f"{seed} {duty}")
    while True:
        yield draw.uniform(*BURST), draw.uniform(*BURST) * (1 - duty) / duty


def main() -> None:
    duty, seed, parent = sys.argv[1:]
    for busy, rest in bursts(float(duty), seed):
        end = time.monotonic() + busy
        while time.monotonic() < end:
            pass
        time.sleep(rest)
        if os.getppid() != int(parent):
            return


if __name__ == "__main__":
    main()

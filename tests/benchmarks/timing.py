"""Runs commands and says how long they took."""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path


def embprof(folder: Path, *arguments: str) -> float:
    """Seconds of one ``python -m embprof`` in ``folder``; raises when it fails."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "embprof", *arguments], cwd=folder, check=True, capture_output=True
    )
    return time.perf_counter() - started


def shown(times: Sequence[float]) -> str:
    """Median and range in seconds."""
    return f"median {statistics.median(times):.3f} s ({min(times):.3f} to {max(times):.3f})"

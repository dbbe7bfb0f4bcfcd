"""The columns of a leak: whether memory leaks, and how fast."""

from collections.abc import Sequence

from embprof.interface.column import Column, interval, outcome, value, whole
from embprof.model import Run

SLOPE = "leak_slope_bytes_per_call"


def columns(runs: Sequence[Run]) -> list[Column]:
    """Verdict, slope and interval; what is left before memory is full, where something leaks."""
    found = [
        outcome("leak", "leak"),
        whole(SLOPE, "B/call"),
        interval(SLOPE),
        value("in_use_mb", "in use MB", spare=1),
        whole("uss_mb", "USS MB", spare=2),
    ]
    if any(run.figure("leak_gpu_slope_bytes_per_call") for run in runs):
        found.insert(3, whole("leak_gpu_slope_bytes_per_call", "GPU B/call"))
    if any(run.figure("leak_time_to_limit_h") for run in runs):
        found.append(value("leak_time_to_limit_h", "full in h", spare=3))
    return found

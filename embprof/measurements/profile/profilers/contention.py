"""Calls a second of several callers, and the GIL's lateness, each beside controls (``gil``)."""

import contextlib
import hashlib
import math
import os
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from embprof.interface.callers import Callers
from embprof.measurements.profile.profilers.lateness import probe
from embprof.measurements.profile.profilers.locks import Wait, Waits

THREADS = (1, 2, 4)
ROUNDS = 5
BLOCK_SECONDS = 0.15
"""The time of one number of threads in one round, for each of workload and controls."""
CONTROL_SECONDS = 0.5
UNITS = 100_000
"""Steps of the loop in Python: some milliseconds."""
BYTES = os.urandom(1 << 22)
"""Hashed at once without the GIL: some milliseconds."""


def throughput(
    step: Callable[[], float], pace: float, waits: Waits
) -> tuple[dict[str, list[float]], list[Mapping[str, Any]]]:
    """Calls a second by number of callers, of workload and controls in turn; waits of several."""
    work: dict[str, tuple[Callable[[], object], float]] = {
        "workload": (step, pace),
        "loop in Python": (_loop, _pace(_loop)),
        "hashing without GIL": (_hash, _pace(_hash)),
    }
    rates: dict[tuple[str, int], list[float]] = {}
    rows: list[Mapping[str, Any]] = []
    seen: dict[int, list[Wait]] = {number: [] for number in THREADS}
    made = dict.fromkeys(THREADS, 0)
    with contextlib.ExitStack() as stack:
        callers = {
            (kind, number): stack.enter_context(contextlib.closing(Callers(_counting(do), number)))
            for kind, (do, _) in work.items()
            for number in THREADS
        }
        for _ in range(ROUNDS):
            for (kind, number), group in callers.items():
                calls = math.ceil(BLOCK_SECONDS / work[kind][1] / number)
                waits.take()
                started = time.perf_counter()
                done = group.run(calls)
                rates.setdefault((kind, number), []).append(done / (time.perf_counter() - started))
                if kind == "workload":
                    seen[number] += waits.take()
                    made[number] += done
    for number in THREADS[1:]:
        rows += as_rows(seen[number], number, made[number])
    return {kind: [median(rates[kind, number]) for number in THREADS] for kind in work}, rows


def lateness(of_workload: list[float]) -> dict[str, dict[str, float]]:
    """The probe's lateness beside the workload, and beside each control."""
    controls: dict[str, Callable[[], object]] = {
        "nothing": lambda: time.sleep(CONTROL_SECONDS / 10),
        "loop in Python": _loop,
        "hashing without GIL": _hash,
    }
    found = {"workload": of_workload}
    for kind, do in controls.items():
        found[kind] = []
        end = time.perf_counter() + CONTROL_SECONDS
        with probe(found[kind]):
            while time.perf_counter() < end:
                do()
    return {kind: in_short(late) for kind, late in found.items()}


def in_short(late: Sequence[float]) -> dict[str, float]:
    """Mean and 95th percentile in ms, 0 without any, and how many probes that rests on."""
    if not late:
        return {"mean": 0.0, "p95": 0.0, "probes": 0}
    p95 = sorted(late)[min(int(0.95 * len(late)), len(late) - 1)]
    return {"mean": 1e3 * sum(late) / len(late), "p95": 1e3 * p95, "probes": len(late)}


def as_rows(waits: Sequence[Wait], callers: int, calls: int) -> list[Mapping[str, Any]]:
    """Waits by place as they are written, per call, longest first."""
    by_place: dict[str, list[float]] = defaultdict(list)
    for place, seconds in waits:
        by_place[place].append(seconds)
    rows = [
        {
            "place": place,
            "callers": callers,
            "waits_per_call": len(seconds) / calls,
            "wait_ms_per_call": 1e3 * sum(seconds) / calls,
            "longest_ms": 1e3 * max(seconds),
        }
        for place, seconds in by_place.items()
    ]
    return sorted(rows, key=lambda row: -float(row["wait_ms_per_call"]))


def _counting(do: Callable[[], object]) -> Callable[[], int]:
    def call() -> int:
        do()
        return 1

    return call


def _pace(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return max(1e-6, time.perf_counter() - started)


def _loop() -> int:
    total = 0
    for number in range(UNITS):
        total += number
    return total


def _hash() -> bytes:
    return hashlib.sha256(BYTES).digest()

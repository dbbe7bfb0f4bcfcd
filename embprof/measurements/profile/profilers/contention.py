"""Calls a second of several callers, and the GIL's lateness, each beside controls.

The controls are measured in turn with the workload: a loop in Python gains nothing by threads, and
hashing in C holds no GIL and gains as much as there are CPUs.
"""

import contextlib
import hashlib
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from embprof.interface.callers import Callers
from embprof.measurements.profile.profilers.lateness import Lateness, probe
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
    seen: dict[int, list[Mapping[str, Wait]]] = {number: [] for number in THREADS}
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
                    seen[number].append(waits.take())
                    made[number] += done
    for number in THREADS[1:]:
        rows += as_rows(together(seen[number]), number, made[number])
    return {kind: [median(rates[kind, number]) for number in THREADS] for kind in work}, rows


def lateness(of_workload: Lateness) -> dict[str, dict[str, float]]:
    """The probe's lateness beside the workload, and beside each control."""
    controls: dict[str, Callable[[], object]] = {
        "nothing": lambda: time.sleep(CONTROL_SECONDS / 10),
        "loop in Python": _loop,
        "hashing without GIL": _hash,
    }
    found = {"workload": of_workload}
    for kind, do in controls.items():
        found[kind] = Lateness()
        end = time.perf_counter() + CONTROL_SECONDS
        with probe(found[kind]):
            while time.perf_counter() < end:
                do()
    return {
        kind: {"mean": late.mean_ms, "p95": late.percentile_ms(0.95), "probes": len(late.seconds)}
        for kind, late in found.items()
    }


def as_rows(waits: Mapping[str, Wait], callers: int, calls: int) -> list[Mapping[str, Any]]:
    """Waits by place as they are written, per call, longest first."""
    rows = [
        {
            "place": place,
            "callers": callers,
            "waits_per_call": wait.waits / calls,
            "wait_ms_per_call": 1e3 * wait.seconds / calls,
            "longest_ms": 1e3 * wait.longest,
        }
        for place, wait in waits.items()
    ]
    return sorted(rows, key=lambda row: -float(row["wait_ms_per_call"]))


def together(several: Sequence[Mapping[str, Wait]]) -> dict[str, Wait]:
    """The waits of several stretches, added up by place."""
    found: dict[str, Wait] = {}
    for waits in several:
        for place, wait in waits.items():
            known = found.setdefault(place, Wait())
            known.waits += wait.waits
            known.seconds += wait.seconds
            known.longest = max(known.longest, wait.longest)
    return found


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

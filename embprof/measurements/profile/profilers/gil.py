"""Whether callers wait for each other: throughput against threads, locks, and the GIL.

Three views of one question. With 1, 2 and 4 calling threads, calls a second are set beside two
controls that are measured in turn with them: a loop in Python, which gains nothing by threads, and
hashing in C, which holds no GIL and gains as much as there are CPUs. Waits for locks are timed by
the line that waits (:mod:`~.profilers.locks`). A probe says how late a thread gets the GIL
while one caller works (:mod:`~.profilers.lateness`), beside the same controls.

What can go wrong: compute threads of a library use the CPUs already, and more callers then gain
nothing for want of CPUs: ask with ``threads=1``. On a busy machine the controls are late and slow
too; that is what they are for.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from embprof.measurements.profile.profilers import locks
from embprof.measurements.profile.profilers.contention import (
    THREADS,
    as_rows,
    lateness,
    throughput,
)
from embprof.measurements.profile.profilers.functions import Functions
from embprof.measurements.profile.profilers.lateness import probe
from embprof.measurements.profile.profilers.locks import Wait, Waits

FILE, TABLE = "contention.json", "contention.txt"


class Gil:
    """Waits of one caller while it is watched; of several, and of the controls, at the end."""

    unwatched = 0

    def __init__(self, _interval: float) -> None:
        self._waits = Waits()
        self._step: Callable[[], float] | None = None
        self._of_several: Sequence[Mapping[str, Any]] = ()
        self.forget()

    @contextlib.contextmanager
    def loading(self) -> Iterator[None]:
        """Locks that the workload makes within it are timed."""
        with locks.timed() as self._waits:
            yield

    def watch(self, call: Callable[[], float], calls: int) -> list[float]:
        """Makes the calls with the probe beside them."""
        self._step = call
        self._waits.take()
        with probe(self._late):
            seconds = [call() for _ in range(calls)]
        self._single += self._waits.take()
        self._seconds += seconds
        return seconds

    def forget(self) -> None:
        """Starts anew."""
        self._seconds: list[float] = []
        self._late: list[float] = []
        self._single: list[Wait] = []

    def functions(self) -> Functions:
        """None: this is about waiting."""
        return Functions(seconds=sum(self._seconds), rows=())

    def waits(self) -> Sequence[Mapping[str, Any]]:
        """Waits for locks of a single caller, longest first; once written, of several too."""
        return [*as_rows(self._single, 1, len(self._seconds)), *self._of_several]

    def write(self, folder: Path) -> Sequence[Path]:
        """Measures with several callers and with the controls; writes all of it."""
        if self._step is None or not self._seconds:
            return ()
        pace = median(self._seconds)
        rates, self._of_several = throughput(self._step, pace, self._waits)
        content = {
            "callers": list(THREADS),
            "calls_per_s": rates,
            "gil_late_ms": lateness(self._late),
            "lock_waits": self.waits(),
        }
        (folder / FILE).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        (folder / TABLE).write_text(as_text(content), encoding="utf-8")
        return folder / FILE, folder / TABLE


def as_text(content: Mapping[str, Any]) -> str:
    """The three views as tables."""
    headings = " ".join(f"{number:>10}" for number in content["callers"])
    lines = [f"{'calls/s with callers':<24}{headings}    gain"]
    for kind, rates in content["calls_per_s"].items():
        cells = " ".join(f"{rate:10.4g}" for rate in rates)
        lines.append(f"{kind:<24}{cells}  {max(rates) / rates[0]:5.2f}×")
    lines += ["", f"{'the GIL comes late, ms':<24}{'mean':>10} {'p95':>10} {'probes':>10}"]
    lines += [
        f"{kind:<24}{late['mean']:10.3f} {late['p95']:10.3f} {late['probes']:>10}"
        for kind, late in content["gil_late_ms"].items()
    ]
    lines += [
        "",
        f"{'waits for locks':<10}{'callers':>8} {'ms a call':>10} {'longest ms':>11}  line",
    ]
    lines += [
        f"{row['waits_per_call']:10.2f}{row['callers']:>13} {row['wait_ms_per_call']:10.3f} "
        f"{row['longest_ms']:11.3f}  {row['place']}"
        for row in content["lock_waits"]
    ]
    if not content["lock_waits"]:
        lines.append("no lock that was made while loading was waited for")
    return "\n".join([*lines, ""])

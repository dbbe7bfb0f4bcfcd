"""Throughput and service times with many callers, each of which waits for its answer.

Physics: with N callers that call again at once, throughput X and service time R are tied by
Little's law, N = X R (Little 1961, Operations Research 9, 383-387). So more callers raise the
throughput until something is used up, and from there on only the service time.

What can go wrong, and what is done. *Who waits does not ask*: while a server stands still its
callers send nothing, so a stall of a second is one slow call of each and not the hundreds of users
who would have come meanwhile (coordinated omission: G. Tene, "How NOT to measure latency", 2015;
Schroeder, Wierman and Harchol-Balter 2006, "Open versus closed: a cautionary tale", NSDI). These
are service times at a given concurrency; what users of an open system wait is for
:mod:`embprof.measurements.load.open_loop`. *Beginning and end* of a slice have fewer calls at once
(:mod:`embprof.measurements.load.rounds` leaves them out). *Callers are slow*: threads of one Python
process have one interpreter lock, so what each loses between two calls is read (``caller_gap``),
and the CPU time of the process. *Failed calls* are counted and have no items; their time is in no
percentile, and percentiles know that they are missing.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictInt

from embprof.interface.node import Number
from embprof.interface.workload import Counts, Prepares, Reads, Workload
from embprof.measurements.load.calls import Ending, are_good, first_failure, per_call, per_slice
from embprof.measurements.load.rounds import Rounds, Window, rounds_of
from embprof.model import Samples

MOST_CALLERS = 4096
LATENCY_TARGET = "Milliseconds within which a call is to be answered; null: nothing is called good."
GOODPUT = "Share of all calls, in percent, that are to be answered within it, without an error."


@dataclass(kw_only=True)
class ClosedLoop:
    """Seconds of each round of ``concurrency`` calls, and of each call."""

    account: ClassVar[str] = "embprof.measurements.load.account.CLOSED_LOOP"

    concurrency: Annotated[
        StrictInt,
        Field(ge=1, le=MOST_CALLERS, description="Callers at once, each a thread that waits."),
    ]
    latency_target_ms: Annotated[Number | None, Field(gt=0, description=LATENCY_TARGET)] = None
    goodput_percent: Annotated[Number, Field(gt=0, lt=100, description=GOODPUT)] = 99
    isolation: Literal["fork", "fresh"] = field(default="fork", init=False)
    clock: Callable[[], float] = time.perf_counter
    cpu_clock: Callable[[], float] = time.process_time

    def open(self, workload: Workload) -> None:
        """Starts the callers, who wait to be told."""
        self._workload = workload
        self._rounds = Rounds(workload.step, self.concurrency, self.clock)
        self._first_failure: str | None = None
        self._read_and_forget()

    def observe(self, iterations: int) -> Sequence[Samples]:
        """``round_time`` first, a value for every ``concurrency`` calls; then each call's.

        Raises CallFailedError when all calls failed.
        """
        if isinstance(self._workload, Prepares):
            self._workload.prepare(self._rounds.calls_of(iterations))
        started, cpu_started = self.clock(), self.cpu_clock()
        window = self._rounds.run(iterations)
        cpu_seconds, seconds = self.cpu_clock() - cpu_started, self.clock() - started
        self._first_failure = self._first_failure or first_failure(window.calls)
        rounds = rounds_of(window, self.concurrency)
        return (
            Samples(
                name="round_time",
                unit="s",
                better="lower",
                values=tuple(one.seconds for one in rounds),
                items=tuple(one.items for one in rounds),
                summary="rate",
            ),
            *self._of_calls(window),
            per_slice("caller_gap", "s", self._gap(window) / self.concurrency),
            per_slice("window", "s", seconds),
            per_slice("cpu_time", "s", cpu_seconds),
            *self._read_and_forget(),
        )

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """What the first call that failed had to say."""
        return {"first_failure": self._first_failure}

    def close(self) -> Sequence[Path]:
        """Ends the callers."""
        self._rounds.close()
        return ()

    def _of_calls(self, window: Window) -> list[Samples]:
        calls = window.calls
        seconds = [call.seconds for call in calls]
        found = [per_call("service_time", "s", seconds, [call.items for call in calls])]
        if self.latency_target_ms is not None:
            good = are_good(calls, seconds, self.latency_target_ms)
            found.append(per_call("call_good", "1", list(map(float, good))))
        if any(call.ending is not Ending.ANSWERED for call in calls):
            found.append(per_call("call_failed", "1", [float(call.ending) for call in calls]))
        return found

    @staticmethod
    def _gap(window: Window) -> float:
        """Seconds that callers lost between two calls, over all of them."""
        return sum(window.cycles) - sum(call.seconds for call in window.calls)

    def _read_and_forget(self) -> Sequence[Samples]:
        """What the workload reads of its calls; what it counts has no use here."""
        if isinstance(self._workload, Counts):
            self._workload.counts()
        return self._workload.readings() if isinstance(self._workload, Reads) else ()

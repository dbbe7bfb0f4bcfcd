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

from embprof.interface import steps
from embprof.interface.node import Number
from embprof.interface.workload import Workload
from embprof.measurements.load.calls import endings, first_failure, own_readings
from embprof.measurements.load.rounds import Rounds, rounds_of
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
        own_readings(workload)  # those of loading

    def observe(self, iterations: int) -> Sequence[Samples]:
        """``round_time`` first, a value for every ``concurrency`` calls; then each call's.

        Raises CallFailedError when all calls failed.
        """
        steps.prepare(self._workload, self._rounds.calls_of(iterations))
        started, cpu_started = self.clock(), self.cpu_clock()
        window = self._rounds.run(iterations)
        cpu_seconds, seconds = self.cpu_clock() - cpu_started, self.clock() - started
        self._first_failure = self._first_failure or first_failure(window.calls)
        calls, rounds = window.calls, rounds_of(window, self.concurrency)
        service_times = [call.seconds for call in calls]
        gap = sum(window.cycles) - sum(service_times)  # what callers lost between two calls
        return (
            Samples.of(
                "round_time",
                "s",
                *(one.seconds for one in rounds),
                items=(one.items for one in rounds),
                summary="rate",
            ),
            Samples.of("service_time", "s", *service_times, items=(one.items for one in calls)),
            *endings(calls, service_times, self.latency_target_ms),
            Samples.of("caller_gap", "s", gap / self.concurrency, summary="total"),
            Samples.of("window", "s", seconds, summary="total"),
            Samples.of("cpu_time", "s", cpu_seconds, summary="total"),
            *own_readings(self._workload),
        )

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """What the first call that failed had to say."""
        return {"first_failure": self._first_failure}

    def close(self) -> Sequence[Path]:
        """Ends the callers."""
        self._rounds.close()
        return ()

"""Response times of calls that arrive at a rate, whether those before are answered or not.

Physics: users who do not know of each other come at random (Poisson arrivals) and do not wait for
each other's answers. What one of them waits is the *response time*: from when the call was due, be
it that a queue or a stall kept it from being begun, to the answer. The *service time* runs from
when it was begun. At low rates both are alike; near the rate that the server can do, queues make
the response time many times the service time.

What can go wrong, and what is done:

- *Coordinated omission* (G. Tene, "How NOT to measure latency", 2015): a loop that waits for each
  answer asks nothing while the server stands still, and reports one slow call where a hundred users
  waited. Here arrivals are drawn before anything is answered, and times run from when calls were
  due (Schroeder, Wierman and Harchol-Balter 2006, "Open versus closed: a cautionary tale", NSDI).
- *Slices would hide queues*: if the arrivals of a slice were all answered before those of the next
  begin, every slice would begin with an empty queue. So arrivals go on, from the first slice to the
  end, also while the parent keeps what it was told (some milliseconds in which nothing is read and
  much is still called). A slice is a number of arrivals in the order in which they were due, given
  when the last of them is answered; none is left out because it was slow.
- *Response times wander*: near saturation a queue comes and goes over hundreds of calls, so an
  interval that looks narrow early says little. Measuring lasts a fixed ``duration``; of readings
  that still rise or fall the marks W and D tell, as everywhere.
- *Overload*: a rate above what the server can do has no response time, only a queue that grows
  until the measurement ends. How many are in the system when each call is due is read, and a growth
  beyond that of chance is told (:mod:`~.load.figures`); the percentiles then say how
  long was measured and nothing else.
- *The pool is bounded*: at most ``max_in_flight`` calls are under way; who comes then waits, and
  the waiting counts.
- *The generator is late*: how late calls were begun for which a caller was free is read. If that is
  a tenth of the p99, the run says that it is not to be believed.
- *Making inputs* would take the interpreter from those who call: they are made before the first
  call is due.

Every restart meets the same arrivals, those of the seed: an interval over restarts knows how
processes differ and not how arrivals do.
"""

import heapq
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictInt, StrictStr

from embprof.interface import steps
from embprof.interface.node import Number
from embprof.interface.workload import Workload
from embprof.measurements.load.arrivals import Arrivals, Met, Wait, poisson
from embprof.measurements.load.calls import endings, first_failure, own_readings
from embprof.measurements.load.closed_loop import GOODPUT, LATENCY_TARGET, MOST_CALLERS
from embprof.model import Samples
from embprof.units import check_seconds, seconds

MOST_AHEAD = 20_000
"""Calls whose inputs are made before the first is due; a batch of 32 short texts takes 1 ms."""
BESIDE = 1.2
"""Share of arrivals that come in the time of warm-up, and because Poisson's are not counted."""
MOST_RATE = 100_000


@dataclass(kw_only=True)
class OpenLoop:
    """Response and service time of each arrival, and how many were in the system then."""

    account: ClassVar[str] = "embprof.measurements.load.account.OPEN_LOOP"

    ungated: ClassVar[str] = (
        "a gate compares what calls take typically, and an open loop is about the slowest; gate "
        "measurement=closed_loop, or compare stored runs with embprof compare"
    )

    rate: Annotated[
        Number, Field(gt=0, le=MOST_RATE, description="Calls that arrive each second, on average.")
    ]
    duration: Annotated[
        StrictStr | Number,
        Field(description="How long to go on after warm-up: 90s, 30min, 2h, or seconds."),
    ]
    seed: Annotated[StrictInt, Field(ge=0, description="Seed of the arrivals.")] = 0
    max_in_flight: Annotated[
        StrictInt,
        Field(
            ge=1,
            le=MOST_CALLERS,
            description="Calls under way at most, each in a thread; who comes then waits.",
        ),
    ] = 64
    latency_target_ms: Annotated[Number | None, Field(gt=0, description=LATENCY_TARGET)] = None
    goodput_percent: Annotated[Number, Field(gt=0, lt=100, description=GOODPUT)] = 99
    isolation: Literal["fork", "fresh"] = field(default="fork", init=False)
    clock: Callable[[], float] = time.perf_counter
    cpu_clock: Callable[[], float] = time.process_time
    wait: Wait = threading.Event.wait

    def __post_init__(self) -> None:
        """Raises ValueError for a duration that is none."""
        check_seconds("duration", self.duration)

    def open(self, workload: Workload) -> None:
        """Makes inputs; nobody calls yet."""
        self._workload = workload
        expected = BESIDE * self.rate * seconds(self.duration) + self.max_in_flight
        steps.prepare(workload, min(math.ceil(expected), MOST_AHEAD))
        self._arrivals = Arrivals(
            workload.step, self.max_in_flight, clock=self.clock, wait=self.wait
        )
        self._first_failure: str | None = None
        self._has_begun = False
        self._ends: list[float] = []  # a heap: of earlier calls, those that may still be under way
        own_readings(workload)  # those of loading

    def observe(self, iterations: int) -> Sequence[Samples]:
        """``response_time`` of each of the next arrivals first, then all else that is read."""
        if not self._has_begun:
            self._has_begun = True
            self._cpu_seen = self.cpu_clock()
            self._due = self._seen = self._arrivals.start(poisson(self.rate, self.seed))
        arrivals = self._arrivals.take(iterations)
        own = own_readings(self._workload)
        return (*self._of_arrivals(arrivals), *self._of_slice(arrivals), *own)

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """What the first call that failed had to say."""
        return {"first_failure": self._first_failure}

    def close(self) -> Sequence[Path]:
        """Lets nobody come any more, and waits for those under way."""
        self._arrivals.close()
        return ()

    def _of_arrivals(self, arrivals: Sequence[Met]) -> list[Samples]:
        calls = [met.call for met in arrivals]
        responses = [met.response for met in arrivals]
        self._first_failure = self._first_failure or first_failure(calls)
        items = [call.items for call in calls]
        due = [self._due, *(met.due for met in arrivals)]
        self._due = due[-1]
        return [
            Samples.of("response_time", "s", *responses, items=items),
            Samples.of("gap", "s", *(after - before for before, after in pairwise(due))),
            Samples.of("service_time", "s", *(call.seconds for call in calls), items=items),
            Samples.of("in_system", "1", *(float(self._in_system(met)) for met in arrivals)),
            Samples.of("had_caller", "1", *(float(met.had_caller) for met in arrivals)),
            *endings(calls, responses, self.latency_target_ms),
        ]

    def _in_system(self, met: Met) -> int:
        """Earlier arrivals that had no answer yet when this one was due."""
        while self._ends and self._ends[0] <= met.due:
            heapq.heappop(self._ends)
        found = len(self._ends)
        heapq.heappush(self._ends, met.call.ended)
        return found

    def _of_slice(self, arrivals: Sequence[Met]) -> list[Samples]:
        """Seconds until the last of these calls ended, from the last of those before; CPU time."""
        ended, used = max(self._seen, *(met.call.ended for met in arrivals)), self.cpu_clock()
        found = [
            Samples.of("window", "s", ended - self._seen, summary="total"),
            Samples.of("cpu_time", "s", used - self._cpu_seen, summary="total"),
        ]
        self._seen, self._cpu_seen = ended, used
        return found

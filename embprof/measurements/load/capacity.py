"""The highest rate of arrivals at which enough calls are answered in time: the knee.

Physics: as the rate nears what the server can do, queues lengthen without bound, so the share of
calls that are answered within a target falls from nearly all to none within some percent of the
rate. Where it passes what was asked for (99 % of calls within 200 ms, say) is what can be promised.

One iteration is one whole search, a minute or more: a short closed loop tells about where to begin,
then rates are tried in an open loop (:mod:`~.load.rate_search`), doubled or halved until
one is kept and one is missed, and halved between them (:mod:`~.load.knee`). The parent
waits meanwhile; every try is kept in ``capacity.json``.

What can go wrong, and what is done. *Short tries* see no queue: they last 50 targets, and never
count the beginning, when queues are empty. *Luck*: the rate that was found is tried again for twice
as long. *Stationary for a minute* is not stationary: what a longer try would have found (a cache
that fills, a collector) is not in it. *The pool*: by Little's law a rate that is kept has at most
rate x target calls under way on average; where that is more than half of ``max_in_flight`` the pool
may be what was found, and the outcome says so. *The generator*: where its own lateness is a tenth
of the target the search ends, and what was kept by then is called a least. *Neighbours* make a try
worse and never better: a rate that was missed while they were at work is tried again, and where
they are always at work the answer is a bracket (:mod:`~.load.disturbance`). *Time*: the search ends
by ``search_seconds``, with what is known by then.
"""

import dataclasses
import json
import math
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StrictInt

from embprof.interface import steps
from embprof.interface.node import Number
from embprof.interface.workload import UsesServers, Workload
from embprof.machine import validity
from embprof.machine.resources import cpus_usable
from embprof.machine.validity import Counters
from embprof.measurements.load import knee
from embprof.measurements.load.arrivals import Arrivals, Wait
from embprof.measurements.load.calls import first_failure, own_readings
from embprof.measurements.load.closed_loop import GOODPUT, MOST_CALLERS
from embprof.measurements.load.disturbance import Neighbours
from embprof.measurements.load.knee import CONFIRMED, ENDED, WORDS, Knee, Word
from embprof.measurements.load.rate_search import Probe, Terms, probe
from embprof.measurements.load.rounds import Rounds, rounds_of
from embprof.model import Samples
from embprof.units import duration, number

FILE = "capacity.json"
DOUBTS = 2
"""Rates of which it is said why nothing is known."""
CALLERS_TO_BEGIN = 8
SECONDS_TO_BEGIN = 1.0
"""The length of a closed loop that tells where to begin, after its first round."""
BEGIN = 0.5
"""Share of that loop's rate that is tried first."""
LONGEST = 120.0
"""Seconds of a try at most; a rate that needs more to be judged is not tried."""
MOST_RATE = 100_000.0
MOST_AHEAD = 20_000
"""Calls whose inputs are made before a try."""


@dataclass(kw_only=True)
class Capacity:
    """One search an iteration: the rate that was kept, and every try."""

    account: ClassVar[str] = "embprof.measurements.load.account.CAPACITY"

    ungated: ClassVar[str] = (
        "one search takes minutes and is within some percent of the truth; gate "
        "measurement=closed_loop at the concurrency that matters, or store both with restarts=5 "
        "and use embprof compare"
    )

    latency_target_ms: Annotated[
        Number,
        Field(gt=0, description="Milliseconds from when a call is due within which it is good."),
    ]
    goodput_percent: Annotated[Number, Field(gt=0, lt=100, description=GOODPUT)] = 99
    resolution: Annotated[
        Number,
        Field(ge=0.005, le=1, description="How close the search goes: 0.05 is 5 % of the rate."),
    ] = 0.05
    probe_seconds: Annotated[
        Number | None,
        Field(
            gt=0,
            le=LONGEST,
            description="Seconds that a rate is tried at least; null is 50 latency targets.",
        ),
    ] = None
    seed: Annotated[StrictInt, Field(ge=0, description="Seed of the arrivals.")] = 0
    max_in_flight: Annotated[
        StrictInt,
        Field(ge=1, le=MOST_CALLERS, description="Calls under way at most, each in a thread."),
    ] = 256
    search_seconds: Annotated[
        Number,
        Field(
            gt=0,
            le=86_400,
            description="Seconds that a search takes at most, once it knows where to begin.",
        ),
    ] = 1800
    isolation: Literal["fork", "fresh"] = field(default="fork", init=False)
    clock: Callable[[], float] = time.perf_counter
    wait: Wait = threading.Event.wait
    counters: Callable[[], Counters] = validity.read

    def __post_init__(self) -> None:
        """Nobody watches yet."""
        self._tell: Callable[[str], None] = lambda _: None

    def open(self, workload: Workload) -> None:
        """Nobody calls yet."""
        self._workload = workload
        self._terms = Terms(
            target=self.latency_target_ms / 1e3,
            wanted=self.goodput_percent / 100,
            seconds=self.probe_seconds,
        )
        self._searches: list[dict[str, Any]] = []
        self._first_failure: str | None = None
        self._doubts: dict[str, None] = {}

    def telling(self, tell: Callable[[str], None]) -> None:
        """Whom to tell how far a search is."""
        self._tell = tell

    def observe(self, iterations: int) -> Sequence[Samples]:
        """``capacity`` first: the rate that each search found, 0 where none was kept.

        Raises CallFailedError when no call is answered at all.
        """
        found: list[Knee] = []
        tried: list[Probe] = []
        items = 1.0
        for _ in range(iterations):
            start, items = self._begin()
            searched, probes = self._search(start)
            found.append(searched)
            tried += probes
            self._doubts.update(dict.fromkeys(_doubts(searched, probes)))
            self._searches.append(
                {
                    **dataclasses.asdict(searched),
                    "doubts": list(_doubts(searched, probes)),
                    "started_at": start,
                    "probes": list(map(dataclasses.asdict, probes)),
                }
            )
        own_readings(self._workload)  # they have no use here
        more = partial(Samples.of, better="higher")
        return (
            more("capacity", "calls/s", *(one.kept or 0.0 for one in found)),
            more("capacity_missed", "calls/s", *(one.missed or 0.0 for one in found)),
            Samples.of("capacity_ended", "1", *(float(ENDED.index(one.ended)) for one in found)),
            Samples.of("capacity_pool", "1", *map(self._pool, found)),
            more("items_per_call", "1", items),
            more("probe_rate", "calls/s", *(one.rate for one in tried)),
            more("probe_good", "%", *(100 * one.good for one in tried)),
            more("probe_calls", "1", *(float(one.calls) for one in tried)),
            Samples.of("probe_word", "1", *(float(WORDS.index(one.word)) for one in tried)),
            Samples.of("probe_shown", "1", *(float(one.is_shown) for one in tried)),
        )

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """What the first call that failed had to say, and why rates between stayed open."""
        told = list(self._doubts)[:DOUBTS]
        if more := len(self._doubts) - len(told):
            told.append(f"{more} more in {FILE}")
        return {"first_failure": self._first_failure, "doubts": "; ".join(told) or None}

    def close(self) -> Sequence[Path]:
        """``capacity.json``: every search with every rate that was tried."""
        file = Path(tempfile.mkdtemp(prefix="embprof-")) / FILE
        document = {
            "schema_version": 1,
            "latency_target_ms": self.latency_target_ms,
            "goodput_percent": self.goodput_percent,
            "searches": self._searches,
        }
        file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        return (file,)

    def _begin(self) -> tuple[float, float]:
        """Calls a second of a closed loop, a share of which is tried first, and items of a call."""
        callers = min(CALLERS_TO_BEGIN, self.max_in_flight)
        rounds = Rounds(self._workload.step, callers, self.clock)
        try:
            steps.prepare(self._workload, rounds.calls_of(1))
            window = rounds.run(1)
            first = sum(one.seconds for one in rounds_of(window, callers))
            if first < SECONDS_TO_BEGIN:
                more = round(SECONDS_TO_BEGIN / max(first, 1e-6))
                more = min(max(more, 1), MOST_AHEAD // callers)
                steps.prepare(self._workload, min(rounds.calls_of(more), MOST_AHEAD))
                window = rounds.run(more)
        finally:
            rounds.close()
        self._first_failure = self._first_failure or first_failure(window.calls)
        done = rounds_of(window, callers)
        items = [call.items for call in window.calls if call.items]
        rate = len(window.calls) / sum(one.seconds for one in done)
        return BEGIN * rate, statistics.fmean(items)

    def _search(self, start: float) -> tuple[Knee, list[Probe]]:
        probes: list[Probe] = []
        arrivals = Arrivals(
            self._workload.step, self.max_in_flight, clock=self.clock, wait=self.wait
        )
        neighbours = Neighbours(
            own_cpu_seconds=self._own_cpu_seconds, cpus=cpus_usable(), read=self.counters
        )
        end = self.clock() + self.search_seconds

        def has_time(rate: float, times: float) -> bool:
            return self.clock() + self._terms.longest(rate, times) <= end

        def attempt(rate: float, times: float) -> Word:
            self._tell(_progress(rate, probes, self._terms, end - self.clock(), self.resolution))
            expected = round(rate * self._terms.length(rate) * times * 1.3)
            steps.prepare(self._workload, min(expected, MOST_AHEAD))
            seed = self.seed + len(probes)
            began = neighbours.begin()
            found, met = probe(
                arrivals, self._terms, rate, times, seed, clock=self.clock, wait=self.wait
            )
            blamed = neighbours.blame(began, rate, sum(one.is_answered for one in met))
            if found.word != "kept" and blamed is not None:
                found = dataclasses.replace(found, word="disturbed", disturbance=blamed)
            self._first_failure = self._first_failure or first_failure(one.call for one in met)
            probes.append(found)
            return found.word

        lowest = self._terms.fewest / LONGEST
        try:
            searched = knee.search(
                attempt,
                start=min(max(start, lowest), MOST_RATE),
                lowest=lowest,
                highest=MOST_RATE,
                resolution=self.resolution,
                has_time=has_time,
            )
        finally:
            arrivals.close()
        return searched, probes

    def _own_cpu_seconds(self) -> float:
        """Used by this process and by servers that work for it."""
        used = os.times()
        mine = used.user + used.system + used.children_user + used.children_system
        asked = self._workload
        return mine + (asked.server_cpu_seconds() if isinstance(asked, UsesServers) else 0.0)

    def _pool(self, found: Knee) -> float:
        """1 where the pool may be what bounded the rate, else 0."""
        rate = found.missed or found.kept or 0.0
        return float(rate * self._terms.target > self.max_in_flight / 2)


def _doubts(found: Knee, probes: Sequence[Probe]) -> Iterator[str]:
    """Why nothing is known of rates between what was kept and what was missed."""
    for rate in found.doubtful:
        last = next(one for one in reversed(probes) if one.rate == rate and one.word != "kept")
        if last.disturbance is not None:
            yield f"{number(rate)} was disturbed: {last.disturbance}"
        else:
            share = f"{100 * last.good:.1f} % of {last.calls:,} calls were good"
            yield f"{number(rate)} stayed undecided: {share}"


def _progress(
    rate: float, probes: Sequence[Probe], terms: Terms, left: float, resolution: float
) -> str:
    """The rate that is tried, what is known, and how long it may still take."""
    kept = max((one.rate for one in probes if one.word == "kept"), default=None)
    missed = min(
        (one.rate for one in probes if one.word == "missed" and one.rate > (kept or 0.0)),
        default=None,
    )
    known = [
        f"{word} {number(at)}"
        for word, at in (("kept", kept), ("missed", missed))
        if at is not None
    ]
    said = f"try {len(probes) + 1}, at {number(rate)} calls/s"
    said += f" ({', '.join(known)})" if known else ""
    if kept is not None and missed is not None:
        halves = math.log2(max(1.0, (missed / kept - 1) / resolution))
        likely = terms.length(rate) * (math.ceil(halves) + 1 + CONFIRMED)
        said += f", about {duration(min(likely, left))} left"
    return f"{said}, {duration(max(left, 0.0))} at most"

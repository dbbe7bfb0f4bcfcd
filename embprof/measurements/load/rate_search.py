"""One rate of arrivals, tried until it is clear whether enough calls are answered in time.

How long: a queue that grows by 2 % of the arrivals needs 50 latency targets to become one target
long; a shorter try calls a rate kept that no server could keep for ever. And 99 % of calls are
shown by 536 of them at the least (``fewest_calls``). The longer of both is the length of a try.

When: at a quarter, a half, once and twice that length it is looked whether the interval of the
share lies above or below what is wanted, at 98 %, so that all looks together err in 4 % of tries on
either side; enough is believed from the full length on. A backlog that grows misses the rate, at
the full length whatever the share is. At each look every call that was due is known to be good or
not: it is waited for as long as the target.

The quick interval knows the correlation of neighbours alone and is too narrow for long queues
(:mod:`embprof.statistics.wandering`); what is beyond doubt is said by ``is_shown``.
"""

import bisect
import dataclasses
import heapq
import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from embprof.measurements.load import goodput
from embprof.measurements.load.arrivals import Arrivals, Met, Wait, poisson
from embprof.measurements.load.backlog import is_growing
from embprof.measurements.load.knee import Word
from embprof.statistics import wandering

LOOKS = (0.25, 0.5, 1.0, 2.0)
"""Shares of a try's length at which it is judged; from 1 on it may be called kept."""
CONFIDENCE = 0.98
LEAD = 0.25
"""Share of its length that a try goes on before anything counts: queues are empty at first."""
TARGETS = 50
"""Latency targets that a try lasts at least."""
LATE = 0.1
"""Share of the target by which calls may be begun late though a caller was free (their p99)."""
P95, P99 = 0.95, 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What every try has to keep: ``target`` seconds, in ``wanted`` (0.99) of all calls."""

    target: float
    wanted: float
    seconds: float | None
    """How long a try is at least; None is 50 targets."""

    def length(self, rate: float) -> float:
        """Seconds of a try at that rate."""
        shortest = TARGETS * self.target if self.seconds is None else self.seconds
        return max(shortest, self.fewest / rate)

    def longest(self, rate: float, times: float) -> float:
        """Seconds after which a try that is so many times as long is over, whatever it finds."""
        return (LEAD + LOOKS[-1]) * self.length(rate) * times + self.target

    @property
    def fewest(self) -> int:
        """Calls without which nothing can be kept."""
        return goodput.fewest_calls(self.wanted, confidence=CONFIDENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What came of a try. ``p95``: seconds, None where more than 5 % had no answer in time."""

    rate: float
    word: Word
    calls: int = 0
    good: float = 0.0
    is_shown: bool = False
    is_growing: bool = False
    p95: float | None = None
    late_p99: float
    seconds: float = 0.0
    disturbance: str | None = None
    """What others did, where that may be why it was not kept."""


def probe(
    arrivals: Arrivals,
    terms: Terms,
    rate: float,
    times: float,
    seed: int,
    *,
    clock: Callable[[], float],
    wait: Wait,
) -> tuple[Probe, list[Met]]:
    """Tries a rate; the calls are what was met. Nobody calls any more when it returns."""
    length = terms.length(rate) * times
    lead = LEAD * length
    end = lead + LOOKS[-1] * length
    due = list(itertools.takewhile(lambda at: at <= end, poisson(rate, seed)))
    started = clock()
    origin = arrivals.start(due)
    never = threading.Event()
    found: Probe | None = None
    met: Mapping[int, Met] = {}
    for look in LOOKS:
        until = lead + look * length
        wait(never, max(0.0, origin + until + terms.target - clock()))
        met = arrivals.known()
        found = judge(
            [at + origin for at in due[: bisect.bisect_right(due, until)]],
            met,
            terms,
            rate,
            first=bisect.bisect_left(due, lead),
            may_be_kept=look >= 1,
        )
        if found.word != "undecided":
            break
    arrivals.stop()
    assert found is not None, "there is a look at least"
    return dataclasses.replace(found, seconds=clock() - started), list(met.values())


def judge(
    due: Sequence[float],
    met: Mapping[int, Met],
    terms: Terms,
    rate: float,
    *,
    first: int,
    may_be_kept: bool,
) -> Probe:
    """What is known of the calls due up to now, from number ``first`` on; ``met`` by number."""
    counted = range(first, len(due))
    seconds = [_seconds(met.get(number)) for number in counted]
    good = [taken <= terms.target for taken in seconds]
    late = sorted(
        one.late for number in counted if (one := met.get(number)) is not None and one.had_caller
    )
    late_p99 = late[int(P99 * (len(late) - 1))] if late else 0.0
    if not good:
        return Probe(rate=rate, word="undecided", late_p99=late_p99)
    grows = is_growing(_in_system(due, met)[first:])
    share = goodput.share_of_good(good, confidence=CONFIDENCE)
    sure = goodput.is_enough(wandering.share(good, seconds, confidence=CONFIDENCE), terms.wanted)
    is_enough = goodput.is_enough(share, terms.wanted)
    word: Word = "kept" if is_enough == "enough" and may_be_kept else "undecided"
    if is_enough == "too_few" or (grows and (may_be_kept or share.value < terms.wanted)):
        word = "missed"
    if late_p99 > LATE * terms.target:
        word = "late"
    p95 = sorted(seconds)[int(P95 * (len(seconds) - 1))]
    return Probe(
        rate=rate,
        word=word,
        calls=len(good),
        good=share.value,
        is_shown=(sure == "enough" and not grows) if word == "kept" else sure == "too_few",
        is_growing=grows,
        p95=None if p95 == float("inf") else p95,
        late_p99=late_p99,
    )


def _seconds(met: Met | None) -> float:
    """Response time; infinite for a call that failed, or is not answered in time."""
    return met.response if met is not None and met.is_answered else float("inf")


def _in_system(due: Sequence[float], met: Mapping[int, Met]) -> list[int]:
    """Earlier calls that were not over when each was due; those not met yet are in it still."""
    found: list[int] = []
    ends: list[float] = []
    waiting = 0
    for number, at in enumerate(due):
        while ends and ends[0] <= at:
            heapq.heappop(ends)
        found.append(len(ends) + waiting)
        one = met.get(number)
        if one is None:
            waiting += 1
        else:
            heapq.heappush(ends, one.call.ended)
    return found

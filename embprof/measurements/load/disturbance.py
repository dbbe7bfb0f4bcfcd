"""Whether others on the machine may be why a rate was missed.

The CPU time of the machine less that of the service says what others used. A service that is no
child of ours (a server at a URL) is one of these others, so what they use for each call is taken
off: as the slope of their use over the calls answered, of all tries up to now. A neighbour uses as
much at any rate.

Others can take from a service no more than they use: where they had u of n CPUs, it would have done
n / (n - u) times what it did at most. Of a rate beyond that they are not the reason.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

from embprof.machine import validity
from embprof.machine.validity import Changes, Counters

FEWEST = 3
"""Tries from which on a slope is worth anything; a rate that was missed before is tried again."""
LEAST_LEFT = 0.1
"""Share of the CPUs that is left to a service however busy the others are."""
SLACK = 1.1
"""Shared caches and memory, and CPUs that are not shared out evenly, may cost more than time."""


@dataclass(slots=True, kw_only=True)
class Neighbours:
    """What others used during tries. ``own_cpu_seconds``: those of the service, as far as known."""

    own_cpu_seconds: Callable[[], float]
    cpus: int
    read: Callable[[], Counters]
    _uses: list[tuple[float, float]] = field(default_factory=list)

    def begin(self) -> tuple[Counters, float]:
        """What is to be given back after a try."""
        return self.read(), self.own_cpu_seconds()

    def blame(self, began: tuple[Counters, float], rate: float, answered: int) -> str | None:
        """Why that rate may have been missed, in words; None where nobody else is the reason.

        ``answered``: calls of the try that were.
        """
        before, own = began
        found = validity.changes(before, self.read(), own_cpu_seconds=self.own_cpu_seconds() - own)
        served = answered / found.seconds
        used = self._beside_the_service(found, served)
        stolen = (found.steal or 0.0) * self.cpus
        left = max(1 - (used + stolen) / self.cpus, LEAST_LEFT)
        if rate > SLACK * served / left:
            return None
        if 100 * used > validity.BUSY_PERCENT:
            return f"others used {100 * used:.0f} % of a CPU"
        if 100 * (found.steal or 0.0) > validity.STEAL_PERCENT:
            return f"{100 * (found.steal or 0.0):.0f} % of the CPU time was stolen"
        return None

    def _beside_the_service(self, found: Changes, served: float) -> float:
        """CPUs' worth of time that neither we nor a server that we ask has used."""
        if found.others is None:
            return 0.0
        self._uses.append((served, found.others))
        return max(0.0, found.others - self._of_a_call() * served)

    def _of_a_call(self) -> float:
        """CPU seconds that others use for a call of ours."""
        if len(self._uses) < FEWEST:
            return 0.0
        least = min((used / served for served, used in self._uses if served > 0), default=0.0)
        slopes = [
            (one[1] - other[1]) / (one[0] - other[0])
            for one, other in combinations(self._uses, 2)
            if one[0] != other[0]
        ]
        slope = statistics.median(slopes) if slopes else least
        return min(max(0.0, slope), max(0.0, least))

"""The rate that searches found, between what was shown to be kept and what was shown to be missed.

A search finds a rate with the error that :mod:`~.load.knee` tells; an interval it has
only where rates on both sides were clear beyond doubt (in the simulation there in 0-87 % of
searches, most where 95 % are wanted; it then held the true rate in 80-100 %), or where several
restarts searched.
"""

from collections.abc import Iterator, Mapping, Sequence

from embprof.interface.conclusion import Conclusion
from embprof.interface.figure import figure, plain
from embprof.interface.readings import values
from embprof.measurements.load.knee import ENDED, WORDS, Ended
from embprof.model import Estimate, Figure, Slice
from embprof.statistics.rate import rate

CAPACITY = "capacity"
NAME = "capacity_calls_per_s"
PROBES = ("probe_rate", "probe_good", "probe_calls", "probe_word", "probe_shown")
READ = (
    *(CAPACITY, "capacity_missed", "capacity_ended", "capacity_pool", "items_per_call"),
    *PROBES,
)
"""All quantities that are read; the figures are made here alone."""
FIGURES = frozenset({NAME, "capacity_items_per_s", "capacity_missed_calls_per_s", "probes"})
"""The names of all figures."""
OUTCOMES: Mapping[Ended, str] = {
    "found": "found",
    "below": "unreachable",
    "above": "at_least",
    "late": "at_least",
    "tries": "unclear",
    "bracket": "bracket",
}
"""By how a search ended."""
POOL = "pool"
"""The outcome where ``max_in_flight`` may be what was found."""


def conclude(measured: Sequence[Slice]) -> Conclusion:
    """Calls and items a second, the bracket of the search, and how it ended."""
    found, missed = values(measured, CAPACITY), values(measured, "capacity_missed")
    word = OUTCOMES[ENDED[int(max(values(measured, "capacity_ended")))]]
    if word == "found" and any(values(measured, "capacity_pool")):
        word = POOL
    return Conclusion(figures=tuple(_figures(measured, found, missed)), outcomes={CAPACITY: word})


def _figures(
    measured: Sequence[Slice], found: Sequence[float], missed: Sequence[float]
) -> Iterator[Figure]:
    if min(found) <= 0:
        note = "n/a (no rate that can be judged kept the target)"
        yield figure(NAME, "calls/s", None, better="higher", note=note)
    else:
        estimate = (
            _one(measured, found[0])
            if len(found) == 1
            else rate([[one] for one in found], [[1.0] for _ in found])
        )
        items = values(measured, "items_per_call")
        yield figure(NAME, "calls/s", estimate, better="higher")
        items_per_s = estimate.value * sum(items) / len(items)
        yield plain("capacity_items_per_s", "items/s", items_per_s, "total", better="higher")
    if known := [one for one in missed if one > 0]:
        name, basis = "capacity_missed_calls_per_s", "lowest that was missed"
        yield plain(name, "calls/s", min(known), basis, better="higher")
    yield plain("probes", "", len(values(measured, "probe_rate")), "count")


def _one(measured: Sequence[Slice], found: float) -> Estimate:
    """The rate of a single search, bounded by what was beyond doubt on both sides."""
    rates, words, shown = (
        values(measured, name) for name in ("probe_rate", "probe_word", "probe_shown")
    )
    clear = [
        (at, WORDS[int(word)])
        for at, word, is_clear in zip(rates, words, shown, strict=True)
        if is_clear
    ]
    low = max((at for at, word in clear if word == "kept" and at <= found), default=None)
    high = min((at for at, word in clear if word == "missed" and at > found), default=None)
    basis = "one search; between what was kept and what was missed beyond doubt"
    if low is None or high is None:
        low = high = None
        basis = "one search; too few calls to bound it (longer probe_seconds, or restarts)"
    return Estimate(value=found, low=low, high=high, n=len(rates), basis=basis)

"""Whether memory leaks, how fast, and when that would be too much; of all restarts together."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from embprof.interface.conclusion import Conclusion, FollowUp
from embprof.interface.figure import figure
from embprof.interface.readings import restarts, values
from embprof.measurements.leak import slope as leak
from embprof.model import Estimate, Figure, Slice
from embprof.units import MEGA

UNPROVEN: leak.Word = "growth_unproven"
IN_USE, ON_GPU, RESIDENT = "in_use", "gpu_in_use", "uss"
SLOPES = {"leak_slope_bytes_per_call": IN_USE, "leak_gpu_slope_bytes_per_call": ON_GPU}
PROJECTED = ("leak_calls_to_limit", "leak_time_to_limit_h")
READ = ("in_use_mb", "gpu_in_use_mb", "steady_rss_mb", "uss_mb", "python_blocks", "in_calls_s")
ENDS = ("filling_entries", "headroom_mb", "gpu_headroom_mb")
FIGURES = frozenset({*SLOPES, *PROJECTED, *READ, *ENDS})
"""The names of all figures."""
FILLING_SHARE = 0.25
"""Entries a call that a cache takes in while it fills, from which it may be all of the growth."""
PLACE = FollowUp(
    phase="looking for the place of the leak",
    measurement={"_target_": "embprof.measurements.leak_place.LeakPlace"},
    iterations=300,
)
SECONDS_OF_HOUR = 3600


def conclude(slices: Sequence[Slice]) -> Conclusion:
    """``outcomes["leak"]``, the slope in bytes a call; on a leak, how much time is left.

    What makes growth an unproven leak is ``outcomes["leak_reason"]``.

    Resident memory may grow where nothing in use does (fragments, mappings): no proof of a leak,
    and none that there is no leak.
    """
    processes = restarts(slices)[-2:]
    grown = {name: _judge(processes, name) for name in (IN_USE, ON_GPU, RESIDENT)}
    witnesses = [one for name in (IN_USE, ON_GPU) if (one := grown[name]) is not None]
    leaks = [one for one in witnesses if one.word == "leak"]
    unproven = [one for one in witnesses if one.word == UNPROVEN]
    verdict = (leaks or unproven or witnesses)[0]
    word, reason = verdict.word, verdict.reason
    resident = grown[RESIDENT]
    longest = processes[-1]
    filling = _last(longest, "filling_entries")
    if word == "leak" and filling >= FILLING_SHARE * len(values(longest, IN_USE)):
        word, reason = UNPROVEN, "a cache of known bound filled to the end"
    if word == "no_leak" and resident is not None and resident.word == "leak":
        word, reason = UNPROVEN, "resident memory grows, and nothing that is in use"
    figures = [
        _slope(label, grown[name]) for label, name in SLOPES.items() if grown[name] is not None
    ]
    if word == "leak":
        figures += _projected(longest, verdict, on_gpu=verdict is grown[ON_GPU])
    return Conclusion(
        figures=tuple(figures),
        outcomes={"leak": word} | ({"leak_reason": reason} if word == UNPROVEN else {}),
        follow_up=PLACE if word == "leak" else None,
    )


def _judge(processes: Sequence[Sequence[Slice]], name: str) -> leak.Growth | None:
    """The verdict on one quantity; None where it was not read."""
    read = [levels(pieces, name) for pieces in processes]
    if not all(read):
        return None
    series = [
        leak.Series(calls=[call for call, _ in one], in_use=[MEGA * value for _, value in one])
        for one in read
    ]
    return leak.judge(series[0] if len(series) > 1 else None, series[-1])


def levels(pieces: Sequence[Slice], name: str) -> list[tuple[float, float]]:
    """Calls of a process up to each reading, and the megabytes that were read.

    Readings that are only repeated cover no items.
    """
    read = [
        (items, value)
        for piece in pieces
        for samples in piece.samples
        if samples.name == name
        for items, value in zip(samples.items, samples.values, strict=bool(samples.items))
        if items > 0
    ]
    calls = accumulate(items for items, _ in read)
    return [(float(call), value) for call, (_, value) in zip(calls, read, strict=True)]


def _slope(name: str, growth: leak.Growth | None) -> Figure:
    slope = growth.slope if growth is not None else None
    if slope is None:
        reason = growth.reason if growth is not None else "not read"
        return figure(name, "B/call", None, note=f"n/a ({reason})")
    estimate = Estimate(
        value=slope.value,
        low=slope.low,
        high=slope.high,
        n=leak.BLOCKS,
        basis=f"Theil-Sen over {leak.BLOCKS} blocks of the longer process",
        confidence=leak.SHOWN,
    )
    return figure(name, "B/call", estimate)


def _projected(longest: Sequence[Slice], growth: leak.Growth, *, on_gpu: bool) -> Iterator[Figure]:
    """Calls, and hours of calls one after the other, until what is free now is used up."""
    headroom = MEGA * _last(longest, "gpu_headroom" if on_gpu else "headroom")
    slope = growth.slope
    if slope is None or headroom <= 0 or slope.low <= 0:
        return
    calls = Estimate(
        value=headroom / slope.value,
        low=headroom / slope.high,
        high=headroom / slope.low,
        n=1,
        basis="what memory was free at the end, over the slope",
        confidence=leak.SHOWN,
    )
    yield figure("leak_calls_to_limit", "", calls, better="higher")
    # A reading for each call: where none was made, the last one is repeated.
    seconds = sum(values(longest, "in_calls"))
    hours = seconds / len(values(longest, IN_USE)) / SECONDS_OF_HOUR
    if hours > 0:
        yield figure("leak_time_to_limit_h", "h", calls.scaled(hours), better="higher")


def _last(pieces: Sequence[Slice], name: str) -> float:
    """The last reading; 0 if there is none."""
    return (values(pieces, name) or [0.0])[-1]

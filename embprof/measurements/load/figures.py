"""What calls under load say together: latency, goodput, failures, and whether to believe it.

Service times of a closed loop resemble their neighbours; response times of an open loop remember a
queue for long, so their intervals are of another kind (:mod:`embprof.statistics.wandering`).

Percentiles are of all calls: one that failed was not answered, however long one would have waited,
so it counts as slower than any that was. Where a percentile falls among those there is none.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Literal

from embprof.interface.conclusion import Conclusion
from embprof.measurements.load.backlog import is_growing
from embprof.model import Estimate, Figure, Slice
from embprof.statistics import independent, wandering
from embprof.statistics.percentiles import percentile, smallest_sample
from embprof.statistics.rate import rate

ROUND, IN_SYSTEM = "round_time", "in_system"
"""Quantities that a closed and an open loop rest on."""
READ = (
    *("response_time", "service_time", "gap", IN_SYSTEM, "had_caller"),
    *("call_good", "call_failed", "caller_gap", "window"),
)
"""Everything that is read beside the rounds; the figures are made here alone."""
PERCENTILES = (0.50, 0.95, 0.99)
ERROR, TIMEOUT = 1.0, 2.0
"""In ``call_failed``, as ``embprof.measurements.calls.Ending`` has them."""
LATE = 0.1
"""A generator whose lateness (p99) is this share of the calls' p99 is not to be believed; a choice.
"""
LATE_SECONDS = 1e-3
"""And of at least so much: less is the system's timer."""

Percentile = Callable[[Sequence[float], float], Estimate | None]


def closed_loop(measured: Sequence[Slice]) -> Conclusion:
    """Service times, goodput and failures of callers that wait for their answers."""
    failed, seconds = _failed(measured), _all(measured, "service_time")
    rounds = sum(_all(measured, ROUND))
    gap = sum(_all(measured, "caller_gap")) / rounds
    return Conclusion(
        figures=(
            *_percentiles("latency", seconds, failed, percentile),
            *_goodput(measured, seconds, failed, rounds),
            _plain("calls_per_s", "higher", len(seconds) / rounds, "total"),
            *_failures(failed),
            _plain("calls", "higher", len(seconds), "count"),
            _plain("caller_gap_percent", "lower", 100 * gap, "total"),
            *_cpu(measured),
        )
    )


def open_loop(measured: Sequence[Slice]) -> Conclusion:
    """Response and service times, and whether server and generator kept up."""
    failed = _failed(measured)
    responses, services = _all(measured, "response_time"), _all(measured, "service_time")
    had_caller = _all(measured, "had_caller")
    late = [
        response - service
        for response, service, had in zip(responses, services, had_caller, strict=True)
        if had
    ]
    seconds = sum(_all(measured, "gap"))
    waited = had_caller.count(0.0) / len(had_caller)
    answered = failed.count(0.0) / (sum(_all(measured, "window")) or seconds)
    return Conclusion(
        figures=(
            _mean(measured, failed),
            *_percentiles("response", responses, failed, wandering.percentile),
            *_percentiles("latency", services, failed, wandering.percentile),
            *_goodput(measured, responses, failed, seconds),
            _plain("offered_calls_per_s", "higher", len(responses) / seconds, "total"),
            _plain("answered_calls_per_s", "higher", answered, "total"),
            *_failures(failed),
            _plain("calls", "higher", len(responses), "count"),
            _plain("in_system_max", "lower", 1 + max(_all(measured, IN_SYSTEM)), "largest"),
            _plain("waited_percent", "lower", 100 * waited, "total"),
            _plain("dispatch_lag_p99_ms", "lower", 1e3 * _p99(late), "calls that had a caller"),
            *_cpu(measured),
        ),
        outcomes={
            "load": "overloaded" if _is_overloaded(measured) else "kept",
            "generator": "late" if _is_late(late, responses) else "kept_up",
        },
    )


def _mean(measured: Sequence[Slice], failed: Sequence[float]) -> Figure:
    """Of the calls that were answered, in milliseconds."""
    name = "response_mean_ms"
    restarts = [
        [
            1e3 * t
            for t, ending in zip(_all(pieces, "response_time"), _failed(pieces), strict=True)
            if not ending
        ]
        for pieces in _restarts(measured)
    ]
    if not all(restarts):
        return Figure(name=name, better="lower", estimate=None, note=_note(failed))
    if len(restarts) == 1:
        return Figure(name=name, better="lower", estimate=wandering.mean(restarts[0]))
    estimate = rate(restarts, [[1.0] * len(one) for one in restarts])
    return Figure(name=name, better="lower", estimate=estimate)


def _percentiles(
    name: str, seconds: Sequence[float], failed: Sequence[float], of: Percentile
) -> Iterator[Figure]:
    answered = [t for t, ending in zip(seconds, failed, strict=True) if not ending]
    beyond = 2 * max(answered, default=1.0)
    times = [beyond if ending else t for t, ending in zip(seconds, failed, strict=True)]
    for q in PERCENTILES:
        full_name = f"{name}_p{100 * q:.0f}_ms"
        found = of(times, q)
        note = f"n/a (n<{smallest_sample(q)})" if found is None else None
        if found is not None and found.value > max(answered, default=0.0):
            found, note = None, _note(failed)
        elif found is not None and found.high == beyond:
            basis = "the upper bound lies among calls that failed"
            found = dataclasses.replace(found, low=None, high=None, basis=basis)
        yield Figure(
            name=full_name,
            better="lower",
            estimate=None if found is None else _scaled(found, 1e3),
            note=note,
        )


def _goodput(
    measured: Sequence[Slice], seconds: Sequence[float], failed: Sequence[float], total: float
) -> Iterator[Figure]:
    """Where there is a target: calls a second that meet it, and their share."""
    good = _all(measured, "call_good")
    if not good:
        return
    times = [math.inf if ending else t for t, ending in zip(seconds, failed, strict=True)]
    share = wandering.share([bool(one) for one in good], times)
    yield _plain("goodput_calls_per_s", "higher", sum(good) / total, "total")
    yield Figure(name="good_percent", better="higher", estimate=_scaled(share, 100))


def _failures(failed: Sequence[float]) -> Iterator[Figure]:
    errors, timeouts = failed.count(ERROR), failed.count(TIMEOUT)
    yield _plain("errors", "lower", errors, "count")
    yield _plain("timeouts", "lower", timeouts, "count")
    share = independent.share(errors + timeouts, len(failed), units="calls")
    yield Figure(name="error_percent", better="lower", estimate=_scaled(share, 100))


def _cpu(measured: Sequence[Slice]) -> Iterator[Figure]:
    """CPU time of this process, which makes the load (and does the work, unless others do it)."""
    used, seconds = sum(_all(measured, "cpu_time")), sum(_all(measured, "window"))
    if seconds > 0:  # a few calls may all have ended before one of the warm-up
        yield _plain("cpu_percent", "lower", 100 * used / seconds, "total")


def _is_overloaded(measured: Sequence[Slice]) -> bool:
    """Whether in some restart the calls in the system became ever more."""
    return any(
        is_growing(_all(pieces, IN_SYSTEM), never_answered=_failed(pieces).count(TIMEOUT))
        for pieces in _restarts(measured)
    )


def _is_late(late: Sequence[float], responses: Sequence[float]) -> bool:
    lag = _p99(late)
    return lag > LATE_SECONDS and lag > LATE * _p99(responses)


def _p99(values: Sequence[float]) -> float:
    """The 99th percentile, or what is nearest to it of few values; 0 of none."""
    return sorted(values)[math.ceil(0.99 * len(values)) - 1] if values else 0.0


def _failed(pieces: Sequence[Slice]) -> list[float]:
    """How each call ended; a slice in which none failed does not say so."""
    found: list[float] = []
    for piece in pieces:
        endings = piece.values("call_failed")
        found += endings or (0.0,) * len(piece.values("service_time"))
    return found


def _all(pieces: Sequence[Slice], name: str) -> list[float]:
    return [value for piece in pieces for value in piece.values(name)]


def _restarts(measured: Sequence[Slice]) -> list[list[Slice]]:
    return [list(pieces) for _, pieces in groupby(measured, key=lambda piece: piece.restart)]


def _note(failed: Sequence[float]) -> str:
    share = sum(map(bool, failed)) / len(failed)
    return f"n/a ({100 * share:.3g} % of calls failed)"


def _scaled(estimate: Estimate, factor: float) -> Estimate:
    low, high = estimate.low, estimate.high
    return dataclasses.replace(
        estimate,
        value=factor * estimate.value,
        low=None if low is None else factor * low,
        high=None if high is None else factor * high,
    )


def _plain(name: str, better: Literal["lower", "higher"], value: float, basis: str) -> Figure:
    estimate = Estimate(value=float(value), low=None, high=None, n=1, basis=basis)
    return Figure(name=name, better=better, estimate=estimate)

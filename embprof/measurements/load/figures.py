"""What calls under load say together: latency, goodput, failures, and whether to believe it.

Service times of a closed loop resemble their neighbours; response times of an open loop remember a
queue for long, so their intervals are of another kind (:mod:`embprof.statistics.wandering`).

Percentiles are of all calls: one that failed was not answered, however long one would have waited,
so it counts as slower than any that was. Where a percentile falls among those there is none.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence

from embprof.interface.conclusion import Conclusion
from embprof.interface.figure import figure, plain, too_few
from embprof.interface.figures import OF_CALLS, PERCENTILES
from embprof.interface.readings import restarts, values
from embprof.measurements.load.backlog import is_growing
from embprof.measurements.load.calls import Ending
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
CLOSED_LOOP = OF_CALLS | {
    *("calls_per_s", "goodput_calls_per_s", "good_percent", "caller_gap_percent"),
    *("errors", "timeouts", "error_percent"),
}
OPEN_LOOP = CLOSED_LOOP | {
    *(f"response_{what}_ms" for what in ("mean", "p50", "p95", "p99")),
    *("offered_calls_per_s", "answered_calls_per_s", "in_system_max"),
    *("waited_percent", "dispatch_lag_p99_ms"),
}
"""The names of all figures of each."""
LATE = 0.1
"""A generator whose lateness (p99) is this share of the calls' p99 is not to be believed; a choice.
"""
LATE_SECONDS = 1e-3
"""And of at least so much: less is the system's timer."""

Percentile = Callable[[Sequence[float], float], Estimate | None]


def closed_loop(measured: Sequence[Slice]) -> Conclusion:
    """Service times, goodput and failures of callers that wait for their answers."""
    failed, seconds = _failed(measured), values(measured, "service_time")
    rounds = sum(values(measured, ROUND))
    gap = sum(values(measured, "caller_gap")) / rounds
    return Conclusion(
        figures=(
            *_percentiles("latency", seconds, failed, percentile),
            *_goodput(measured, seconds, failed, rounds),
            plain("calls_per_s", "calls/s", len(seconds) / rounds, "total", better="higher"),
            *_failures(failed),
            plain("calls", "", len(seconds), "count", better="higher"),
            plain("caller_gap_percent", "%", 100 * gap, "total"),
            *_cpu(measured),
        )
    )


def open_loop(measured: Sequence[Slice]) -> Conclusion:
    """Response and service times, and whether server and generator kept up."""
    failed = _failed(measured)
    responses, services = values(measured, "response_time"), values(measured, "service_time")
    had_caller = values(measured, "had_caller")
    late = [
        response - service
        for response, service, had in zip(responses, services, had_caller, strict=True)
        if had
    ]
    lag, seconds = _p99(late), sum(values(measured, "gap"))
    waited = had_caller.count(0.0) / len(had_caller)
    answered = failed.count(0.0) / (sum(values(measured, "window")) or seconds)
    return Conclusion(
        figures=(
            _mean(measured, failed),
            *_percentiles("response", responses, failed, wandering.percentile),
            *_percentiles("latency", services, failed, wandering.percentile),
            *_goodput(measured, responses, failed, seconds),
            plain(
                "offered_calls_per_s", "calls/s", len(responses) / seconds, "total", better="higher"
            ),
            plain("answered_calls_per_s", "calls/s", answered, "total", better="higher"),
            *_failures(failed),
            plain("calls", "", len(responses), "count", better="higher"),
            plain("in_system_max", "", 1 + max(values(measured, IN_SYSTEM)), "largest"),
            plain("waited_percent", "%", 100 * waited, "total"),
            plain("dispatch_lag_p99_ms", "ms", 1e3 * lag, "calls that had a caller"),
            *_cpu(measured),
        ),
        outcomes={
            "load": "overloaded" if any(map(_is_overloaded, restarts(measured))) else "kept",
            "generator": "late" if lag > max(LATE_SECONDS, LATE * _p99(responses)) else "kept_up",
        },
    )


def _mean(measured: Sequence[Slice], failed: Sequence[float]) -> Figure:
    """The mean response time of the calls that were answered."""
    name = "response_mean_ms"
    answered = [
        [
            1e3 * t
            for t, ending in zip(values(pieces, "response_time"), _failed(pieces), strict=True)
            if not ending
        ]
        for pieces in restarts(measured)
    ]
    if not all(answered):
        return figure(name, "ms", None, note=_note(failed))
    if len(answered) == 1:
        return figure(name, "ms", wandering.mean(answered[0]))
    return figure(name, "ms", rate(answered, [[1.0] * len(one) for one in answered]))


def _percentiles(
    name: str, seconds: Sequence[float], failed: Sequence[float], of: Percentile
) -> Iterator[Figure]:
    answered = [t for t, ending in zip(seconds, failed, strict=True) if not ending]
    beyond = 2 * max(answered, default=1.0)
    times = [beyond if ending else t for t, ending in zip(seconds, failed, strict=True)]
    for q in PERCENTILES:
        full_name = f"{name}_p{100 * q:.0f}_ms"
        found = of(times, q)
        note = too_few(smallest_sample(q)) if found is None else None
        if found is not None and found.value > max(answered, default=0.0):
            found, note = None, _note(failed)
        elif found is not None and found.high == beyond:
            basis = "the upper bound lies among calls that failed"
            found = dataclasses.replace(found, low=None, high=None, basis=basis)
        yield figure(full_name, "ms", None if found is None else found.scaled(1e3), note=note)


def _goodput(
    measured: Sequence[Slice], seconds: Sequence[float], failed: Sequence[float], total: float
) -> Iterator[Figure]:
    """Where there is a target: calls a second that meet it, and their share."""
    good = values(measured, "call_good")
    if not good:
        return
    times = [math.inf if ending else t for t, ending in zip(seconds, failed, strict=True)]
    share = wandering.share([bool(one) for one in good], times)
    yield plain("goodput_calls_per_s", "calls/s", sum(good) / total, "total", better="higher")
    yield figure("good_percent", "%", share.scaled(100), better="higher")


def _failures(failed: Sequence[float]) -> Iterator[Figure]:
    errors, timeouts = failed.count(Ending.ERROR), failed.count(Ending.TIMEOUT)
    yield plain("errors", "", errors, "count")
    yield plain("timeouts", "", timeouts, "count")
    share = independent.share(errors + timeouts, len(failed), units="calls")
    yield figure("error_percent", "%", share.scaled(100))


def _cpu(measured: Sequence[Slice]) -> Iterator[Figure]:
    """CPU time of this process, which makes the load (and does the work, unless others do it)."""
    used, seconds = sum(values(measured, "cpu_time")), sum(values(measured, "window"))
    if seconds > 0:  # a few calls may all have ended before one of the warm-up
        yield plain("cpu_percent", "%", 100 * used / seconds, "total")


def _is_overloaded(pieces: Sequence[Slice]) -> bool:
    """Whether the calls in the system became ever more in a restart."""
    never_answered = _failed(pieces).count(Ending.TIMEOUT)
    return is_growing(values(pieces, IN_SYSTEM), never_answered=never_answered)


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


def _note(failed: Sequence[float]) -> str:
    share = sum(map(bool, failed)) / len(failed)
    return f"n/a ({100 * share:.3g} % of calls failed)"

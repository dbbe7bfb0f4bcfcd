"""The columns of an open loop: response times, and whether server and generator kept up."""

from collections.abc import Sequence

from embprof.interface.column import Column, interval, outcome, value
from embprof.measurements.load.columns.closed_loop import failures, goodput
from embprof.model import Run


def columns(runs: Sequence[Run]) -> list[Column]:
    """Response time from when calls were due, p99 of the service time beside it, load."""
    return [
        outcome("load", "load"),
        value("response_p50_ms", "p50 ms"),
        value("response_p95_ms", "p95 ms"),
        interval("response_p95_ms", spare=3),
        value("response_p99_ms", "p99 ms", spare=1),
        value("latency_p99_ms", "service p99", spare=4),
        *goodput(runs),
        *failures(runs),
        *_generator(runs),
    ]


def _generator(runs: Sequence[Run]) -> list[Column]:
    """Where some generator was late."""
    if not any(run.outcomes.get("generator") == "late" for run in runs):
        return []
    return [
        outcome("generator", "generator"),
        value("dispatch_lag_p99_ms", "lag p99", spare=5),
    ]

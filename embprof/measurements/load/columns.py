"""The columns of each measurement under load."""

from collections.abc import Sequence

from embprof.interface.column import Column, interval, items_of, outcome, value, whole
from embprof.measurements.load.capacity_figures import NAME
from embprof.measurements.load.findings.load_phrases import goodness
from embprof.model import Run
from embprof.report.columns import of_calls


def closed_loop(runs: Sequence[Run]) -> list[Column]:
    """Those of a throughput without memory; goodput where there is a target, failures if any.

    What the workload calls quality stands last, as in the table of a throughput.
    """
    rate, spread, *percentiles = of_calls(runs)[:5]
    return [
        rate,
        spread,
        *percentiles,
        *_goodput(runs),
        *_failures(runs),
        whole("cpu_percent", "CPU %", spare=7),
    ]


def open_loop(runs: Sequence[Run]) -> list[Column]:
    """Response time from when calls were due, p99 of the service time beside it, load."""
    return [
        outcome("load", "load"),
        value("response_p50_ms", "p50 ms"),
        value("response_p95_ms", "p95 ms"),
        interval("response_p95_ms", spare=3),
        value("response_p99_ms", "p99 ms", spare=1),
        value("latency_p99_ms", "service p99", spare=4),
        *_goodput(runs),
        *_failures(runs),
        *_generator(runs),
    ]


def capacity(runs: Sequence[Run]) -> list[Column]:
    """Calls and items a second, what was missed above, the end; the target is in the question."""
    return [
        value(NAME, "calls/s"),
        interval(NAME),
        value("capacity_missed_calls_per_s", "missed at"),
        value("capacity_items_per_s", f"{items_of(runs)}/s"),
        outcome("capacity", "capacity"),
        whole("probes", "tries", spare=1),
    ]


def _goodput(runs: Sequence[Run]) -> list[Column]:
    """Calls a second that met the target, their share, and whether that was enough."""
    if not any(run.figure("good_percent") for run in runs):
        return []
    return [
        value("goodput_calls_per_s", "good/s", spare=2),
        value("good_percent", "good %"),
        Column(heading="target", cell=_target),
    ]


def _failures(runs: Sequence[Run]) -> list[Column]:
    """The share of calls that failed, where one did."""
    if not any(run.value("error_percent") for run in runs):
        return []
    return [value("error_percent", "failed %")]


def _generator(runs: Sequence[Run]) -> list[Column]:
    """Where some generator was late."""
    if not any(run.outcomes.get("generator") == "late" for run in runs):
        return []
    return [outcome("generator", "generator"), value("dispatch_lag_p99_ms", "lag p99", spare=5)]


def _target(run: Run) -> str:
    """``met`` or ``missed`` where the interval leaves no doubt, else ``?``."""
    word = goodness(run)
    return "?" if word == "unclear" else word or ""

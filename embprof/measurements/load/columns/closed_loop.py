"""The columns of a closed loop: throughput, latency, and how many calls were good."""

from collections.abc import Sequence

from embprof.interface.column import Column, value, whole
from embprof.measurements.load.findings.load_phrases import goodness
from embprof.model import Run
from embprof.report.columns import of_calls


def columns(runs: Sequence[Run]) -> list[Column]:
    """Those of a throughput without memory; goodput where there is a target, failures if any.

    What the workload calls quality stands last, as in the table of a throughput.
    """
    rate, spread, *percentiles = of_calls(runs)[:5]
    return [
        rate,
        spread,
        *percentiles,
        *goodput(runs),
        *failures(runs),
        whole("cpu_percent", "CPU %", spare=7),
    ]


def goodput(runs: Sequence[Run]) -> list[Column]:
    """Calls a second that met the target, their share, and whether that was enough."""
    if not any(run.figure("good_percent") for run in runs):
        return []
    return [
        value("goodput_calls_per_s", "good/s", spare=2),
        value("good_percent", "good %"),
        Column(heading="target", cell=target),
    ]


def failures(runs: Sequence[Run]) -> list[Column]:
    """The share of calls that failed, where one did."""
    if not any(run.value("error_percent") for run in runs):
        return []
    return [value("error_percent", "failed %")]


def target(run: Run) -> str:
    """``met`` or ``missed`` where the interval leaves no doubt, else ``?``."""
    word = goodness(run)
    return "?" if word == "unclear" else word or ""

"""What a study of an embedding service asks for."""

from collections.abc import Sequence

from embprof.interface.column import Column, spread, text, throughput_of, value, whole
from embprof.model import Run


def columns(runs: Sequence[Run]) -> list[Column]:
    """The columns of runs with a throughput."""
    return [
        Column(heading=f"{_items(runs)}/s", cell=lambda run: text(throughput_of(run))),
        Column(heading="±", cell=lambda run: spread(throughput_of(run), run)),
        value("latency_p50_ms", "p50 ms", spare=1),
        value("latency_p95_ms", "p95 ms", spare=4),
        value("latency_p99_ms", "p99 ms", spare=5),
        whole("cpu_percent", "CPU %", spare=2),
        whole("peak_rss_mb", "peak MB", spare=3),
    ]


def _items(runs: Sequence[Run]) -> str:
    """What all these runs work on, in the plural."""
    names = {str(run.description.get("items", "items")) for run in runs}
    return names.pop() if len(names) == 1 else "items"

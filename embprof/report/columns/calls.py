"""What a study of an embedding service asks for."""

from collections.abc import Sequence

from embprof.interface.column import Column, items_of, spread, text, throughput_of, value, whole
from embprof.model import Run


def columns(runs: Sequence[Run]) -> list[Column]:
    """The columns of runs with a throughput."""
    return [
        Column(heading=f"{items_of(runs)}/s", cell=lambda run: text(throughput_of(run))),
        Column(heading="±", cell=lambda run: spread(throughput_of(run), run)),
        value("latency_p50_ms", "p50 ms", spare=1),
        value("latency_p95_ms", "p95 ms", spare=4),
        value("latency_p99_ms", "p99 ms", spare=5),
        whole("cpu_percent", "CPU %", spare=2),
        whole("peak_rss_mb", "peak MB", spare=3),
    ]

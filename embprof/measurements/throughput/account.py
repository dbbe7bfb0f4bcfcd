"""The account of ``throughput``; its figures are those of any subject that times calls."""

from embprof.interface.account import Account, Gap
from embprof.interface.figures import OF_CALLS
from embprof.measurements import gpu_figures, peak_memory_charts
from embprof.measurements.documents import embedding_profile, memory_profile, text_length_profile
from embprof.measurements.findings import truncation, waiting
from embprof.measurements.throughput import charts
from embprof.measurements.throughput.findings import (
    alternatives,
    best_batch_size,
    devices,
    memory_budget,
    padding,
    saturation,
    small_batches,
    text_length,
    threads,
)

OF_MEMORY = {"steady_rss_mb", "peak_rss_mb", "rss_delta_mb", "phase_inputs_mb"}
THROUGHPUT = Account(
    figures=OF_CALLS | OF_MEMORY | {"forward_passes"} | gpu_figures.WHILE_CALLING,
    table_note="a row is a run; ± is half of the 95 % interval of the throughput before it, or "
    "its two ends; p50, p95, p99: service time of a call, n/a (n<368) where that takes 368 calls; "
    "CPU 100 % is one CPU; peak MB: resident memory; marks: what disturbed the run",
    method="Calls of a warm worker, one after the other, each with an input made before it: "
    "throughput is items over seconds of those calls, latency the service time of a call.",
    rules=(
        alternatives.RULE,
        best_batch_size.RULE,
        devices.RULE,
        memory_budget.RULE,
        padding.RULE,
        saturation.RULE,
        small_batches.RULE,
        text_length.RULE,
        threads.RULE,
        truncation.RULE,
        waiting.RULE,
    ),
    charts=(charts.draw, peak_memory_charts.draw),
    documents={
        "embedding_profile.json": embedding_profile.DOCUMENT,
        "memory_profile.json": memory_profile.DOCUMENT,
        "text_length_profile.json": text_length_profile.DOCUMENT,
    },
    gap=Gap(title="Throughput was not measured", changes={"measurement": "throughput"}, order=50),
)

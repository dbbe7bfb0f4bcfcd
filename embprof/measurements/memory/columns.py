"""The columns of memory: its high-water mark, what that is made of, and how memory grew."""

from collections.abc import Sequence

from embprof.interface.column import Column, interval, outcome, value, whole
from embprof.model import Run


def columns(runs: Sequence[Run]) -> list[Column]:
    """Megabytes; growth only where a duration was set, a GPU only where there was one."""
    is_watched = any(run.config["measurement"].get("duration") is not None for run in runs)
    has_gpu = any(run.figure("gpu_allocated_mb") is not None for run in runs)
    return [
        whole("peak_rss_mb", "peak MB"),
        whole("steady_rss_mb", "at rest MB"),
        *(_watched() if is_watched else []),
        *(_gpu() if has_gpu else []),
        whole("component_activations_mb", "calls MB", spare=1),
        whole("component_weights_mb", "weights", spare=2),
        whole("component_tokenizer_mb", "tokenizer", spare=6),
        whole("component_runtime_mb", "imports", spare=3),
        whole("component_other_mb", "other", spare=4),
        whole("phase_harness_mb", "harness", spare=5),
        whole("trim_freed_mb", "free", spare=7),
    ]


def _watched() -> list[Column]:
    return [
        value("rss_growth_mb_per_min", "MB/min"),
        interval("rss_growth_mb_per_min"),
        outcome("growth", "growth"),
        value("calls_per_s", "calls/s"),
    ]


def _gpu() -> list[Column]:
    return [
        whole("gpu_allocated_mb", "GPU MB"),
        whole("gpu_reserved_mb", "GPU reserved"),
        whole("gpu_fragmentation_percent", "unused %", spare=8),
    ]

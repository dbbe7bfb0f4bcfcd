"""What each stage of a call takes, which of them slow calls are slow in, what a cache answered."""

from collections.abc import Sequence

from embprof.interface.column import Column, outcome, value
from embprof.model import Run
from embprof.report.stage_shares import STAGE, stage_percents
from embprof.workloads.pipeline.figures import OUTCOME

LEAST = 0.2
"""Percent of a call below which a stage has no column."""
SPARE = 2
HITS = "cache_hit_percent"


def columns(runs: Sequence[Run]) -> list[Column]:
    """Hits, mean milliseconds of each stage, and the tail; of all only what was read."""
    shown: dict[str, None] = {}
    for run in runs:
        large = (stage for stage, percent in stage_percents(run).items() if percent >= LEAST)
        shown |= dict.fromkeys(
            stage for stage in large if run.value(f"{STAGE}{stage}_ms") is not None
        )
    stages = [value(f"{STAGE}{stage}_ms", f"{stage} ms", spare=SPARE) for stage in shown]
    has_tail = any(OUTCOME in run.outcomes for run in runs)
    has_cache = any(run.figure(HITS) for run in runs)
    return [
        *([value(HITS, "hits %", spare=1)] if has_cache else []),
        *stages,
        *([outcome(OUTCOME, "tail")] if has_tail else []),
    ]

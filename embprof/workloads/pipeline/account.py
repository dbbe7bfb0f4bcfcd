"""What ``pipeline`` tells of itself."""

from __future__ import annotations

from embprof.interface.account import Account
from embprof.workloads.pipeline import columns, figures
from embprof.workloads.pipeline.findings import (
    pipeline_baseline,
    pipeline_cache,
    pipeline_retrieval,
    pipeline_tail,
)

PIPELINE = Account(
    supporting=frozenset({figures.STEP}),
    conclusions={figures.STEP: figures.conclude},
    columns=columns.columns,
    rules=(
        pipeline_baseline.RULE,
        pipeline_cache.RULE,
        pipeline_retrieval.RULE,
        pipeline_tail.RULE,
    ),
)

"""From runs to advice: small rules, each a pure function of stored runs, and their order.

Nothing here measures, applies or guesses: a rule that has no figures to stand on says nothing, or
says which command would fill the gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from embprof.measurements.leak.findings import leak
from embprof.measurements.load.findings import (
    capacity,
    concurrency,
    failed_calls,
    generator,
    latency_target,
    overload,
    saturation,
)
from embprof.measurements.load_time.findings import cold_start, first_call, import_cost
from embprof.measurements.memory.findings import memory_budget, memory_growth, memory_parts
from embprof.measurements.profile.findings import functions, lock_waits, stages, waiting
from embprof.measurements.throughput.findings import (
    best_batch_size,
    devices,
    small_batches,
    threads,
)
from embprof.measurements.truncation_loss.findings import truncation
from embprof.report.finding import Effort, Finding, Kind, Level
from embprof.report.folding import fold
from embprof.report.rules import contradictions, failures, noise, targets, unmeasured
from embprof.report.study import Study
from embprof.workloads.callable.findings import arguments
from embprof.workloads.embedding.findings import alternatives, padding, text_length
from embprof.workloads.nli.findings import agreement, pair_order, pairs_cut
from embprof.workloads.pipeline.findings import (
    pipeline_baseline,
    pipeline_cache,
    pipeline_retrieval,
    pipeline_tail,
)
from embprof.workloads.sql.findings import (
    disk_sorts,
    misestimates,
    missing_indexes,
    repeated_statements,
    sequential_scans,
)
from embprof.workloads.vector_search.findings import (
    cheapest_index,
    index_left_aside,
    low_recall,
    recall_front,
)

Rule = Callable[[Study], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    agreement.find,
    alternatives.find,
    arguments.find,
    best_batch_size.find,
    capacity.find,
    cheapest_index.find,
    cold_start.find,
    concurrency.find,
    contradictions.find,
    devices.find,
    disk_sorts.find,
    failed_calls.find,
    failures.find,
    first_call.find,
    functions.find,
    generator.find,
    import_cost.find,
    index_left_aside.find,
    latency_target.find,
    leak.find,
    lock_waits.find,
    low_recall.find,
    memory_budget.find,
    memory_growth.find,
    memory_parts.find,
    misestimates.find,
    missing_indexes.find,
    noise.find,
    overload.find,
    padding.find,
    pair_order.find,
    pairs_cut.find,
    recall_front.find,
    repeated_statements.find,
    pipeline_baseline.find,
    pipeline_cache.find,
    pipeline_retrieval.find,
    pipeline_tail.find,
    saturation.find,
    sequential_scans.find,
    small_batches.find,
    stages.find,
    targets.find,
    text_length.find,
    threads.find,
    truncation.find,
    unmeasured.find,
    waiting.find,
)
"""Every rule, in no order that matters."""

EFFORTS = tuple(Effort)
PRIORITIES = tuple(Level)
KINDS = (Kind.CONTRADICTION, Kind.ADVICE, Kind.FACT, Kind.GAP)


def findings(study: Study) -> list[Finding]:
    """All that the rules find, most worth a reader's time first."""
    found = [finding for rule in RULES for finding in rule(study)]
    return sorted(fold(sorted(found, key=_rank)), key=_rank)


def _rank(finding: Finding) -> tuple[int, int, int, float]:
    """By kind, then priority, then effort, then what it brings."""
    effort = EFFORTS.index(finding.effort) if finding.effort is not None else len(EFFORTS)
    brings = finding.improvement.share if finding.improvement is not None else 0.0
    return KINDS.index(finding.kind), PRIORITIES.index(finding.priority), effort, -brings

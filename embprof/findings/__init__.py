"""From runs to advice: small rules, each a pure function of stored runs, and their order.

Nothing here measures, applies or guesses: a rule that has no figures to stand on says nothing, or
says which command would fill the gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from embprof.findings.finding import Effort, Finding, Kind, Level
from embprof.findings.folding import fold
from embprof.findings.rules import (
    agreement,
    alternatives,
    arguments,
    best_batch_size,
    capacity,
    cheapest_index,
    cold_start,
    concurrency,
    contradictions,
    devices,
    disk_sorts,
    failed_calls,
    failures,
    first_call,
    functions,
    generator,
    import_cost,
    index_left_aside,
    latency_target,
    leak,
    lock_waits,
    low_recall,
    memory_budget,
    memory_growth,
    memory_parts,
    misestimates,
    missing_indexes,
    noise,
    overload,
    padding,
    pair_order,
    pairs_cut,
    pipeline_baseline,
    pipeline_cache,
    pipeline_retrieval,
    pipeline_tail,
    recall_front,
    repeated_statements,
    saturation,
    sequential_scans,
    small_batches,
    stages,
    targets,
    text_length,
    threads,
    truncation,
    unmeasured,
    waiting,
)
from embprof.findings.study import Study

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

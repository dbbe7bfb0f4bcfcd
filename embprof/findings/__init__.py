"""From runs to advice: small rules, each a pure function of stored runs, and their order.

Nothing here measures, applies or guesses: a rule that has no figures to stand on says nothing, or
says which command would fill the gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from embprof.findings.finding import Effort, Finding, Kind, Level
from embprof.findings.folding import fold
from embprof.findings.rules import (
    alternatives,
    best_batch_size,
    cold_start,
    contradictions,
    devices,
    failures,
    first_call,
    functions,
    import_cost,
    leak,
    memory_budget,
    memory_growth,
    memory_parts,
    noise,
    padding,
    saturation,
    small_batches,
    stages,
    targets,
    text_length,
    threads,
    truncation,
    unmeasured,
)
from embprof.findings.study import Study

Rule = Callable[[Study], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    alternatives.find,
    best_batch_size.find,
    cold_start.find,
    contradictions.find,
    devices.find,
    failures.find,
    first_call.find,
    functions.find,
    import_cost.find,
    leak.find,
    memory_budget.find,
    memory_growth.find,
    memory_parts.find,
    noise.find,
    padding.find,
    saturation.find,
    small_batches.find,
    stages.find,
    targets.find,
    text_length.find,
    threads.find,
    truncation.find,
    unmeasured.find,
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

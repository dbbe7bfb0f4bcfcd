"""From runs to advice: small rules, each a pure function of stored runs, and their order.

Nothing here measures, applies or guesses: a rule that has no figures to stand on says nothing, or
says which command would fill the gap. A subject's rules are asked of studies with a run of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from embprof.interface import faults
from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Kind, Level
from embprof.report.folding import fold
from embprof.report.rules import (
    compared_values,
    contradictions,
    failures,
    noise,
    targets,
    targets_met,
    unmeasured,
)
from embprof.report.study import Study

GENERAL: tuple[Rule, ...] = (
    Rule(name="contradictions", find=contradictions.find),
    Rule(name="failures", find=failures.find),
    Rule(name="noise", find=noise.find),
    Rule(name="targets", find=targets.find, headline=230),
    Rule(name=targets_met.NAME, find=targets_met.find),
    Rule(name="unmeasured", find=unmeasured.find),
)
"""Rules that hold for any subject."""

EFFORTS = tuple(Effort)
PRIORITIES = tuple(Level)
KINDS = (Kind.CONTRADICTION, Kind.ADVICE, Kind.FACT, Kind.GAP)


def rules(study: Study) -> list[tuple[str, Rule]]:
    """Every rule that is asked of a study, with whose it is, in the order of their names."""
    of_subjects = [(one.target, rule) for one in study.subjects for rule in one.account.rules]
    unique = {id(rule): (whose, rule) for whose, rule in of_subjects}
    every = [*(("embprof", rule) for rule in GENERAL), *unique.values()]
    return sorted(every, key=lambda pair: pair[1].name)


def findings(study: Study) -> list[Finding]:
    """All that the rules find, most worth a reader's time first."""
    found = [finding for whose, rule in rules(study) for finding in _found(whose, rule, study)]
    found += _found("embprof", _rest(found), study)
    return sorted(fold(sorted(found, key=_rank)), key=_rank)


def _rest(found: Sequence[Finding]) -> Rule:
    """What was swept and none of these weighs."""
    return Rule(
        name=compared_values.NAME, find=lambda study: compared_values.find(study, tuple(found))
    )


def _found(whose: str, rule: Rule, study: Study) -> Iterator[Finding]:
    def find() -> tuple[Finding, ...]:
        found = faults.all_of(Finding, rule.find(study))
        for one in found:
            _rank(one)  # one that cannot be ranked would take the others along
        return tuple(replace(one, rule=one.rule or rule.name) for one in found)

    nothing: tuple[Finding, ...] = ()
    yield from faults.ask(whose, f"its rule {rule.name}", find, nothing)


def _rank(finding: Finding) -> tuple[int, int, int, float]:
    """By kind, then priority, then effort, then what it brings."""
    effort = EFFORTS.index(finding.effort) if finding.effort is not None else len(EFFORTS)
    brings = finding.improvement.share if finding.improvement is not None else 0.0
    return KINDS.index(finding.kind), PRIORITIES.index(finding.priority), effort, -brings

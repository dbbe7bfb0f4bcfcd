"""Many findings that are alike as one, so that a thousand jobs make a page that can be read."""

import re
from collections.abc import Iterable
from dataclasses import replace

from embprof.interface.finding import Finding
from embprof.units import counted

APART = 3
"""Findings that differ in their figures alone are shown apart up to so many."""
NAMED = 12
"""Folded findings whose titles are kept."""


def fold(findings: Iterable[Finding]) -> list[Finding]:
    """In the order given; of those folded the first stands for all, and names the others.

    Alike are findings of one rule and kind that give the same advice, or whose titles are the same
    up to their first figure.
    """
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        like = finding.advice or re.split(r"\d", finding.title, maxsplit=1)[0]
        alike.setdefault((finding.rule, finding.kind, like, finding.component), []).append(finding)
    return [one for group in alike.values() for one in _folded(group)]


def _folded(group: list[Finding]) -> list[Finding]:
    if len(group) <= APART:
        return group
    first, *others = group
    more = [f"likewise: {finding.title}" for finding in others[:NAMED]]
    if len(others) > NAMED:
        more.append(f"and {len(others) - NAMED} more")
    runs = dict.fromkeys(run for finding in group for run in finding.runs)
    return [
        replace(
            first,
            title=f"{first.title}, and {counted(len(others), 'finding')} like it",
            evidence=(*first.evidence, *more),
            runs=tuple(runs),
        )
    ]

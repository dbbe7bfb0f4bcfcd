"""Rows of stored runs seen together: verdicts whose errors are bounded over all of them.

One row errs in 1 % of comparisons; of a hundred rows one would. So a row is called slower or faster
only if its p-value still holds after Benjamini and Hochberg's correction over the rows that were
tested (``embprof.statistics.multiplicity``).
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from enum import StrEnum

from embprof.comparison.evidence import Evidence, weigh
from embprof.model import Comparison, Stored, Verdict
from embprof.statistics.multiplicity import benjamini_hochberg
from embprof.statistics.stored import StoredComparison
from embprof.statistics.verdict import DELTA, THETA, judge
from embprof.tracking.baselines import Baseline

ALPHA = 0.01
"""Error level of verdicts, two-sided, over all rows of a comparison."""
SHOWN = 0.95
"""Confidence of the intervals that are shown, each row for itself."""
NONE = (None, None)


class Outcome(StrEnum):
    """Where a row stands to the regression that somebody wants to be told of."""

    BEYOND = "beyond"
    WITHIN = "within"
    OPEN = "open"


def compare_rows(
    rows: Sequence[tuple[Sequence[Stored], Stored]],
    *,
    alpha: float = ALPHA,
    theta: float = THETA,
    delta: float = DELTA,
) -> list[Comparison]:
    """A comparison, by the primary figure, for each row of A's sessions (oldest first) and a run B.

    Raises ValueError for a row of no session.
    """
    evidence = [weigh(sessions, b) for sessions, b in rows]
    return judge_rows(evidence, alpha=alpha, theta=theta, delta=delta)


def compare_with_baseline(
    baseline: Baseline, runs: Sequence[Stored], bounds: Mapping[str, float]
) -> dict[int, Comparison]:
    """The comparison of each run that the baseline knows the question of, by the job's number.

    Answers of the same environment are preferred; else those of another are named, and the row is
    incomparable; figures of others come last. ``bounds``: theta, delta and alpha.
    """
    rows = [(sessions, stored) for stored in runs if (sessions := _sessions(baseline, stored))]
    compared = compare_rows(rows, **bounds)
    return {
        stored.run.number: dataclasses.replace(comparison, a=f"{baseline.name} {comparison.a}")
        for (_, stored), comparison in zip(rows, compared, strict=True)
    }


def _sessions(baseline: Baseline, stored: Stored) -> list[Stored]:
    here = baseline.sessions_of(stored.run.key, stored.run.environment)
    if here:
        return here
    elsewhere = baseline.newest_of(stored.run.key)
    return [elsewhere] if elsewhere is not None else baseline.foreign(stored.run.config)


def judge_rows(
    evidence: Sequence[Evidence],
    *,
    alpha: float = ALPHA,
    theta: float = THETA,
    delta: float = DELTA,
) -> list[Comparison]:
    """The verdict of each row, corrected for the rows that were tested.

    The smallest detectable change is that of Bonferroni's level, alpha over the number of rows: the
    correction used finds at least as much.
    """
    tested, significant = _tested(evidence, alpha, theta)
    rows = max(1, len(tested))
    compared = []
    for number, row in enumerate(evidence):
        found = row.found if number in tested else None
        bounds = found.interval(SHOWN) if found is not None else None
        low, high = bounds if bounds is not None and 0 < bounds[0] <= bounds[1] < math.inf else NONE
        compared.append(
            Comparison(
                figure=row.figure,
                unit=row.unit,
                a=row.a,
                b=row.b,
                ratio=row.found.ratio if row.found is not None else None,
                low=low,
                high=high,
                verdict=row.verdict
                or _verdict(found, alpha, delta, significant=number in significant),
                reason=row.reason or (row.found.basis if row.found and found is None else None),
                smallest_detectable=found.smallest_detectable(level=alpha / rows, theta=theta)
                if found is not None
                else None,
                p_value=tested.get(number),
                basis=found.basis if found is not None else "",
                rows=rows,
                confidence=SHOWN,
                a_value=row.a_value,
                b_value=row.b_value,
            )
        )
    return compared


def against_bound(
    evidence: Sequence[Evidence], bound: float, *, alpha: float = ALPHA
) -> list[Outcome]:
    """Whether each row regressed by more than ``bound`` (0.05: 5 %), did not, or it cannot be told.

    Beyond: significantly worse than the bound allows, corrected for the rows. Within: the interval
    at 1 - alpha ends below it; that every row is within needs no correction, as all must show it
    (an intersection-union test: Berger 1982, Technometrics 24).
    """
    _, significant = _tested(evidence, alpha, bound)
    return [
        _outcome(row, bound, alpha, significant=number in significant)
        for number, row in enumerate(evidence)
    ]


def _outcome(row: Evidence, bound: float, alpha: float, *, significant: bool) -> Outcome:
    if row.verdict is not None:
        return Outcome.WITHIN if row.verdict is Verdict.SAME else Outcome.OPEN
    if row.found is None or (interval := row.found.interval(1 - alpha)) is None:
        return Outcome.OPEN
    if significant and row.found.change > 0:
        return Outcome.BEYOND
    return Outcome.WITHIN if interval[1] <= 1 + bound else Outcome.OPEN


def _tested(
    evidence: Sequence[Evidence], alpha: float, theta: float
) -> tuple[dict[int, float], set[int]]:
    """P-values of "no change beyond theta" by row number, and the rows significant together."""
    p_values = {
        number: p_value
        for number, row in enumerate(evidence)
        if row.verdict is None
        and row.found is not None
        and (p_value := row.found.p_beyond(theta)) is not None
    }
    adjusted = benjamini_hochberg(list(p_values.values()))
    pairs = zip(p_values, adjusted, strict=True)
    return p_values, {number for number, p_value in pairs if p_value <= alpha}


def _verdict(
    found: StoredComparison | None, alpha: float, delta: float, *, significant: bool
) -> Verdict:
    if found is None or (interval := found.interval(1 - alpha)) is None:
        return Verdict.UNCLEAR
    if significant:
        return Verdict.SLOWER if found.change > 0 else Verdict.FASTER
    # What is significant for itself and not among all rows may still be the same; no more.
    alike = judge(*interval, theta=delta, delta=delta) is Verdict.SAME
    return Verdict.SAME if alike else Verdict.UNCLEAR

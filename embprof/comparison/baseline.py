"""Runs of a sweep beside a stored baseline: each with the sessions that answer its question."""

import dataclasses
from collections.abc import Mapping, Sequence

from embprof.comparison.stored import compare_rows
from embprof.model import Comparison, Stored
from embprof.tracking.baselines import Baseline


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

"""Comparisons with stored sessions and between stored runs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embprof.model import Estimate
from embprof.statistics.stored import (
    SESSION_NOISE,
    StoredComparison,
    compare_runs,
    compare_with_sessions,
)
from embprof.statistics.verdict import Verdict, judge


def estimate(value: float, low: float | None = None, high: float | None = None) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=5, basis="5 restarts")


@pytest.mark.parametrize("sessions", [3, 5, 12])
@pytest.mark.parametrize("sd", [0.02, 0.15])
def test_a_new_session_like_the_others_is_flagged_as_often_as_asked(
    sessions: int, sd: float
) -> None:
    values = np.exp(np.random.default_rng(1).normal(0, sd, (1000, sessions + 1)))
    found = [compare_with_sessions(list(v[:-1]), v[-1], alpha=0.05).p_value for v in values]
    assert np.mean([p is not None and p <= 0.05 for p in found]) == pytest.approx(0.05, abs=0.021)


@pytest.mark.parametrize("sessions", [1, 2])
def test_one_or_two_stored_sessions_support_no_verdict_on_a_few_percent(sessions: int) -> None:
    found = compare_with_sessions([1.0] * sessions, 1.1)
    assert judge(found.low, found.high) is Verdict.UNCLEAR
    assert "session noise taken as 10%" in found.basis
    assert judge(*ends(compare_with_sessions([1.0] * sessions, 2.0))) is Verdict.SLOWER
    assert judge(*ends(compare_with_sessions([1.0] * sessions, 0.5))) is Verdict.FASTER


def ends(found: StoredComparison) -> tuple[float | None, float | None]:
    return found.low, found.high


def test_interval_and_p_value_say_the_same() -> None:
    stored = [1.0, 1.1, 0.95, 1.02]
    high = compare_with_sessions(stored, 1.0, alpha=0.05)
    assert high.low is not None
    # moved until 1 lies on the edge of the interval, the p-value is alpha
    edge = compare_with_sessions(stored, 1.0 / high.low, alpha=0.05)
    assert edge.low == pytest.approx(1.0)
    assert edge.p_value == pytest.approx(0.05)


def test_the_ratio_is_that_to_the_geometric_mean() -> None:
    assert compare_with_sessions([1.0, 4.0, 2.0], 3.0).ratio == pytest.approx(1.5)


def test_sessions_that_do_not_differ_at_all_support_nothing() -> None:
    found = compare_with_sessions([0.7] * 5, 1.4)
    assert (found.low, found.high, found.p_value) == (None, None, None)
    assert found.basis == "5 stored sessions do not differ"


def test_two_runs_carry_their_own_errors_and_the_session_noise() -> None:
    sharp = compare_runs(estimate(1.0, 1.0, 1.0), estimate(1.2, 1.2, 1.2), alpha=0.05)
    assert sharp.low is not None
    assert math.log(sharp.ratio / sharp.low) == pytest.approx(1.96 * SESSION_NOISE * 2**0.5, 1e-3)
    vague = compare_runs(estimate(1.0, 0.8, 1.25), estimate(1.2, 1.2, 1.2), alpha=0.05)
    assert vague.low is not None
    assert vague.low < sharp.low
    assert vague.ratio == sharp.ratio


def test_two_runs_a_little_apart_are_unclear_and_far_apart_are_not() -> None:
    a = estimate(1.0, 0.99, 1.01)
    assert judge(*ends(compare_runs(a, estimate(1.05, 1.04, 1.06)))) is Verdict.UNCLEAR
    assert judge(*ends(compare_runs(a, estimate(1.6, 1.58, 1.62)))) is Verdict.SLOWER


@pytest.mark.parametrize("other", [estimate(1.5), estimate(1.5, 0.0, 3.0)])
def test_a_run_without_an_interval_supports_none(other: Estimate) -> None:
    found = compare_runs(estimate(1.0, 0.9, 1.1), other)
    assert ends(found) == (None, None)
    assert found.p_value is None
    assert found.ratio == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("stored", "new", "message"),
    [
        ([], 1.0, "no stored session"),
        ([1.0, 0.0], 1.0, "finite and above zero"),
        ([1.0, math.nan], 1.0, "finite and above zero"),
        ([1.0], -1.0, "finite and above zero"),
        ([1.0], math.inf, "finite and above zero"),
    ],
)
def test_values_that_have_no_ratio_are_refused(
    stored: list[float], new: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        compare_with_sessions(stored, new)


def test_runs_that_have_no_ratio_are_refused() -> None:
    with pytest.raises(ValueError, match="finite and above zero"):
        compare_runs(estimate(0.0), estimate(1.0))

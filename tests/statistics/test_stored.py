"""Comparisons with stored sessions: error rates, power, and input that supports nothing."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from embprof.model import Estimate, Verdict
from embprof.statistics.stored import SESSION_NOISE, StoredComparison, compare_with_sessions
from embprof.statistics.verdict import judge

EXACT = 0.005
"""Half the interval of a value that is as good as known."""


def estimate(value: float, half: float | None = None, *, n: int = 5) -> Estimate:
    """A value, its 95 % interval reaching ``half`` of it to either side on the log scale."""
    low, high = (None, None) if half is None else (value * math.exp(-half), value * math.exp(half))
    return Estimate(value=value, low=low, high=high, n=n, basis="5 restarts")


def compared(sessions: Sequence[float], new: float, half: float | None = EXACT) -> StoredComparison:
    return compare_with_sessions([estimate(v, half) for v in sessions], estimate(new, half))


def verdict(found: StoredComparison) -> Verdict:
    return judge(*(found.interval(0.99) or (None, None)))


@pytest.mark.parametrize("half", [None, EXACT])
@pytest.mark.parametrize("sessions", [3, 5, 12])
@pytest.mark.parametrize("sd", [0.02, 0.15])
def test_a_new_session_like_the_others_is_flagged_as_often_as_asked(
    sessions: int, sd: float, half: float | None
) -> None:
    values = np.exp(np.random.default_rng(1).normal(0, sd, (1000, sessions + 1)))
    found = [compared(list(v[:-1]), v[-1], half).p_beyond() for v in values]
    assert np.mean([p is not None and p <= 0.05 for p in found]) == pytest.approx(0.05, abs=0.021)


def test_a_change_of_theta_itself_is_flagged_at_most_as_often_as_asked() -> None:
    noise = np.random.default_rng(2).normal(0, 0.01, (4000, 6))
    found = [compared(np.exp(v[:-1]), 1.01 * math.exp(v[-1])).p_beyond(0.01) for v in noise]
    assert np.mean([p is not None and p <= 0.05 for p in found]) <= 0.05 + 3 * 0.0034


@pytest.mark.parametrize("sessions", [1, 2])
def test_one_or_two_stored_sessions_support_no_verdict_on_a_few_percent(sessions: int) -> None:
    found = compared([1.0] * sessions, 1.1)
    assert verdict(found) is Verdict.UNCLEAR
    assert "session noise taken as 10 %" in found.basis
    assert verdict(compared([1.0] * sessions, 2.0)) is Verdict.SLOWER
    assert verdict(compared([1.0] * sessions, 0.5)) is Verdict.FASTER


@pytest.mark.parametrize("sessions", [1, 2])
def test_few_sessions_carry_the_errors_of_all_values_and_the_session_noise(sessions: int) -> None:
    half = 0.2
    found = compared([1.0] * sessions, 1.2, half)
    own = half / 1.959964
    expected = math.hypot(SESSION_NOISE, own) * math.sqrt(1 + 1 / sessions)
    assert found.error == pytest.approx(expected)
    assert found.degrees is None


@pytest.mark.parametrize("theta", [0.0, 0.01, 0.1])
@pytest.mark.parametrize("sessions", [1, 2, 3, 8])
def test_interval_and_p_value_say_the_same(sessions: int, theta: float) -> None:
    rng = np.random.default_rng(3)
    for sd in (0.01, 0.1, 0.5):
        for v in np.exp(rng.normal(0, sd, (50, sessions + 1))):
            found = compared(list(v[:-1]), v[-1])
            p_value, interval = found.p_beyond(theta), found.interval(0.9)
            assert p_value is not None
            beyond = judge(*(interval or ()), theta=theta, delta=theta)
            assert (p_value <= 0.1) == (beyond in (Verdict.SLOWER, Verdict.FASTER))


@pytest.mark.parametrize("sessions", [1, 2, 3, 5, 10])
def test_the_smallest_detectable_change_is_found_in_95_of_100(sessions: int) -> None:
    rng, found = np.random.default_rng(4), []
    for noise in rng.normal(0, SESSION_NOISE, (2000, sessions + 1)):
        stored = np.exp(noise[:-1])
        least = compared(stored, math.exp(noise[-1]), 1e-9).smallest_detectable(level=0.01)
        assert least is not None
        changed = compared(stored, (1 + least) * math.exp(noise[-1]), 1e-9)
        p_value = changed.p_beyond(0.01)
        found.append(p_value is not None and p_value <= 0.01 and changed.change > 0)
    assert np.mean(found) == pytest.approx(0.95, abs=0.016)


def test_more_rows_and_more_noise_make_the_smallest_detectable_change_larger() -> None:
    sharp, vague = compared([1.0, 1.01, 0.99], 1.0), compared([1.0, 1.1, 0.9], 1.0)
    levels = (0.01, 0.01 / 6, 0.01 / 1000)
    assert all(
        (vague.smallest_detectable(level=level) or 0)
        > (sharp.smallest_detectable(level=level) or 9)
        for level in levels
    )
    assert (
        sorted(least := [sharp.smallest_detectable(level=level) or 0 for level in levels]) == least
    )
    assert least[0] > 0.01


def test_the_ratio_is_that_to_the_geometric_mean() -> None:
    assert compared([1.0, 4.0, 2.0], 3.0).ratio == pytest.approx(1.5)


@pytest.mark.parametrize("nearly", [0.0, 1e-9])
def test_sessions_that_do_not_differ_at_all_support_nothing(nearly: float) -> None:
    found = compared([0.7, 0.7 * (1 + nearly), 0.7, 0.7, 0.7], 1.4)
    assert (found.interval(0.95), found.p_beyond(), found.smallest_detectable(level=0.01)) == (
        None,
        None,
        None,
    )
    assert found.basis == "5 stored sessions do not differ"
    assert found.ratio == pytest.approx(2.0)


def test_a_new_value_measured_less_precisely_is_not_flagged_more_often() -> None:
    rng, flagged = np.random.default_rng(5), 0
    for noise in rng.normal(0, 0.01, (2000, 6)):
        sessions = [estimate(math.exp(e), 1.96 * 0.005) for e in noise[:-1]]
        new = estimate(math.exp(noise[-1] + rng.normal(0, 0.08)), 1.96 * 0.08)
        p_value = compare_with_sessions(sessions, new).p_beyond()
        flagged += p_value is not None and p_value <= 0.05
    assert flagged / 2000 <= 0.05 + 3 * 0.0049


@pytest.mark.parametrize(
    ("stored", "new"),
    [
        (estimate(1.0, 0.01), estimate(1.5)),  # no interval
        (estimate(1.0, n=9), estimate(1.5, n=1)),  # fewer readings
    ],
)
def test_a_new_value_of_fewer_readings_supports_no_interval(
    stored: Estimate, new: Estimate
) -> None:
    sessions = [stored, *(estimate(v, n=9) for v in (1.01, 0.99, 1.02))]
    found = compare_with_sessions(sessions, new)
    assert (found.interval(0.95), found.basis) == (
        None,
        "fewer readings than in the stored sessions",
    )


@pytest.mark.parametrize("half", [math.nan, math.inf, -0.1])
def test_an_interval_that_is_none_supports_none(half: float) -> None:
    for pair in ((estimate(1.0, half), estimate(1.5, 0.1)), (estimate(1.0, 0.1), estimate(1.5))):
        found = compare_with_sessions([pair[0]], pair[1])
        assert found.interval(0.95) is None
        assert found.p_beyond() is None
        assert found.basis == "a run without an interval"


def test_values_far_beyond_all_reason_give_no_verdict_and_no_error() -> None:
    found = compared([1e-140, 1e140, 1.0], 1e140)
    low, high = found.interval(0.99) or (math.nan, math.nan)
    assert (low, high) == (0.0, math.inf)
    assert found.smallest_detectable(level=0.01) is None
    assert verdict(found) is Verdict.UNCLEAR


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
        compared(stored, new, None)

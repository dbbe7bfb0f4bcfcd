"""One word for an interval."""

import math

import pytest

from embprof.model import Verdict
from embprof.statistics.verdict import judge


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.02, 1.05, Verdict.SLOWER),
        (1.011, 1.02, Verdict.SLOWER),
        (0.95, 0.98, Verdict.FASTER),
        (0.98, 1.02, Verdict.SAME),
        (1.0, 1.0, Verdict.SAME),
        (1.005, 1.029, Verdict.SAME),
        (1.005, 1.04, Verdict.UNCLEAR),
        (0.96, 1.0, Verdict.UNCLEAR),
        (0.9, 1.1, Verdict.UNCLEAR),
        (1.01, 1.05, Verdict.UNCLEAR),  # touches theta: not beyond it
        (1.03, 1.03, Verdict.SLOWER),
    ],
)
def test_an_interval_has_one_verdict(low: float, high: float, verdict: Verdict) -> None:
    assert judge(low, high) is verdict


@pytest.mark.parametrize(("low", "high"), [(1.02, 1.05), (0.98, 1.02), (0.972, 1.0), (1.0, 1.04)])
def test_swapping_the_arms_swaps_the_verdict(low: float, high: float) -> None:
    swapped = {Verdict.SLOWER: Verdict.FASTER, Verdict.FASTER: Verdict.SLOWER}
    verdict = judge(low, high)
    assert judge(1 / high, 1 / low) is swapped.get(verdict, verdict)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (None, None),
        (1.5, None),
        (None, 0.5),
        (math.nan, 2.0),
        (1.5, math.nan),
        (1.5, math.inf),
        (-math.inf, 0.5),
        (0.0, 0.5),
        (-1.0, 0.5),
        (2.0, 1.5),
    ],
)
def test_what_is_no_interval_supports_no_verdict(low: float | None, high: float | None) -> None:
    assert judge(low, high) is Verdict.UNCLEAR


def test_the_bounds_are_the_users_to_set() -> None:
    assert judge(1.02, 1.05, theta=0.03, delta=0.05) is Verdict.SAME
    assert judge(1.02, 1.05, theta=0.0, delta=0.0) is Verdict.SLOWER


@pytest.mark.parametrize(("theta", "delta"), [(0.05, 0.03), (-0.01, 0.03), (0.01, math.inf)])
def test_bounds_that_contradict_each_other_are_refused(theta: float, delta: float) -> None:
    with pytest.raises(ValueError, match="theta"):
        judge(0.9, 1.1, theta=theta, delta=delta)

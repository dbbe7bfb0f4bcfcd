"""The paired test on simulated gates. Larger runs: docs/explanation/verdicts.md."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from embprof.model import Estimate, Verdict
from embprof.statistics.pair_effect import ORDER, pair_effects, pair_middles
from embprof.statistics.paired_test import (
    paired_test,
    smallest_detectable_change,
    typical_costs,
)
from embprof.statistics.sequential import nominal_levels
from embprof.statistics.verdict import judge

Floats = NDArray[np.float64]
PAIRS, SLICES, CALLS = 24, 14, 7
LOOKS = (13, 16, 20, 24)
DECIDED = (Verdict.SLOWER, Verdict.FASTER)
NOISES = [
    {},
    {"spikes": 0.1},
    {"drift": 0.5},
    {"rhythm": 0.1},
    {"bursts": 0.2},
    {"offset": 0.01},
    {"offset": 0.03},
]


def gates(
    seed: int,
    count: int,
    *,
    sd: float = 0.1,
    spikes: float = 0.0,
    drift: float = 0.0,
    rhythm: float = 0.0,
    bursts: float = 0.0,
    offset: float = 0.0,
) -> Floats:
    """Effects of gates between arms alike. Shape: (count, PAIRS, SLICES).

    Log times: AR(1) of 0.15 within a slice, plus a slow wave over all slices that the arms share.
    ``spikes``: share of calls that take 1.5-3 times as long; ``drift``: from first to last slice;
    ``rhythm``: every second slice longer; ``bursts``: share of the time in which slices take longer
    by half; ``offset``: sd of what a process has of its own.
    """
    rng = np.random.default_rng(seed)
    slices = 2 * SLICES
    logs = _wave(rng, (count, PAIRS, slices, CALLS), 0.15) * sd
    shape = (count, PAIRS, slices, 1)
    logs += _wave(rng, (count, PAIRS * slices), 0.9).reshape(shape) * 0.4 * sd
    busy = _wave(rng, (count, PAIRS * slices), 0.9).reshape(shape)
    logs += (busy > np.quantile(busy, 1 - bursts)) * np.abs(rng.normal(0.4, 0.2, logs.shape))
    logs += drift * np.linspace(0, 1, PAIRS * slices).reshape(1, PAIRS, slices, 1)
    logs += rhythm * (np.arange(slices) % 2)[:, None]
    slow = rng.random(logs.shape) < spikes
    times: Floats = np.exp(logs) * np.where(slow, rng.uniform(1.5, 3, logs.shape), 1)
    typical: Floats = np.log(np.mean(times**ORDER, axis=-1)) / ORDER
    first, second = typical[..., ::2], typical[..., 1::2]
    coin = rng.choice([-1, 1], (count, PAIRS, SLICES // 2)).repeat(2, axis=-1)
    mirrored = coin * np.where(np.arange(SLICES) % 2, -1, 1)
    own = rng.normal(0, offset * 2**0.5, (count, PAIRS, 1))
    return np.asarray((second - first) * mirrored + own)


def _wave(rng: np.random.Generator, shape: tuple[int, ...], rho: float) -> Floats:
    steps = rng.normal(0, np.sqrt(1 - rho**2), shape)
    steps[..., 0] /= np.sqrt(1 - rho**2)
    return np.asarray(lfilter([1.0], [1.0, -rho], steps, axis=-1))


def verdict(effects: Floats, *, theta: float = 0.01) -> Verdict:
    """The first word that is not unclear, looking at LOOKS of the restart pairs."""
    found = Verdict.UNCLEAR
    levels = nominal_levels([look / PAIRS for look in LOOKS])
    for look, level in zip(LOOKS, levels, strict=True):
        test = paired_test(list(effects[:look]), level=level)
        found = judge(test.low, test.high, theta=theta)
        if found is not Verdict.UNCLEAR:
            break
    return found


def holds(estimate: Estimate, truth: float) -> bool:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low <= truth <= estimate.high


@pytest.mark.parametrize("noise", NOISES, ids=str)
def test_arms_alike_are_not_called_slower_or_faster(noise: dict[str, float]) -> None:
    assert not any(verdict(gate) in DECIDED for gate in gates(1, 15, **noise))


def test_even_any_change_at_all_is_seen_in_1_percent_of_gates_with_four_looks() -> None:
    restarts = np.random.default_rng(2).standard_t(3, (250, PAIRS, 1)) * 0.02
    alarms = [verdict(gate, theta=0.0) in DECIDED for gate in restarts]
    assert np.mean(alarms) <= 0.03


@pytest.mark.parametrize("noise", [NOISES[0], NOISES[3]], ids=str)
def test_a_slowdown_of_3_percent_is_found(noise: dict[str, float]) -> None:
    found = [verdict(gate + math.log(1.03)) for gate in gates(3, 25, **noise)]
    assert np.mean([word is Verdict.SLOWER for word in found]) >= 0.9
    faster = [verdict(gate - math.log(1.03)) for gate in gates(3, 10, **noise)]
    assert faster.count(Verdict.FASTER) >= 8


def test_arms_alike_are_called_the_same() -> None:
    assert [verdict(gate) for gate in gates(4, 20)].count(Verdict.SAME) >= 19


def test_the_interval_covers_a_planted_change_19_times_in_20() -> None:
    planted = [gate + 0.05 for noise in NOISES for gate in gates(5, 40, **noise)]
    found = [paired_test(list(gate)).estimate for gate in planted]
    assert 0.915 <= np.mean([holds(estimate, math.exp(0.05)) for estimate in found]) <= 0.985


@pytest.mark.parametrize("pairs", [2, 3, 5])
def test_few_restart_pairs_have_an_honest_interval_but_no_verdict(pairs: int) -> None:
    effects = np.random.default_rng(6).normal(0, 0.03, (400, pairs, 1))
    found = [paired_test(list(some)) for some in effects]
    assert all(test.low is None and test.high is None for test in found)
    assert "Student's t" in found[0].estimate.basis
    assert 0.92 <= np.mean([holds(test.estimate, 1.0) for test in found]) <= 0.98


def test_one_restart_pair_says_nothing_of_others() -> None:
    test = paired_test([[0.5] * 100])
    assert (test.estimate.low, test.estimate.high, test.estimate.n) == (None, None, 1)
    assert test.p_value == 1.0
    assert judge(test.low, test.high) is Verdict.UNCLEAR


def test_a_clock_of_fixed_steps_is_judged_from_8_restart_pairs_on() -> None:
    seven, eight = (paired_test([[math.log(1.05)] * 4] * pairs) for pairs in (7, 8))
    assert judge(seven.low, seven.high) is Verdict.UNCLEAR
    assert judge(eight.low, eight.high) is Verdict.SLOWER
    alike = paired_test([[0.0] * 4] * 8)
    assert (alike.low, alike.high, alike.p_value) == (1.0, 1.0, 1.0)
    assert judge(alike.low, alike.high) is Verdict.SAME


def test_p_beyond_is_within_the_level_exactly_where_the_verdict_is_due() -> None:
    for shift in np.linspace(-0.06, 0.06, 61):
        effects = np.random.default_rng(7).normal(0, 0.03, (PAIRS, 1)) + shift
        test = paired_test(list(effects))
        due = judge(test.low, test.high) in DECIDED
        assert due == (test.p_beyond <= test.level)
        assert test.p_value <= test.p_beyond


def test_calls_go_in_and_a_ratio_comes_out() -> None:
    rng = np.random.default_rng(8)
    pairs = [rng.lognormal(0, 0.02, (2, 6, 5)) for _ in range(10)]
    test = paired_test([pair_effects(list(a), list(1.1 * b)) for a, b in pairs])
    assert test.estimate.value == pytest.approx(1.1, abs=0.01)
    assert (test.estimate.n, test.estimate.basis) == (10, "10 restart pairs, signed ranks")
    assert judge(test.low, test.high) is Verdict.SLOWER


def test_typical_costs_have_the_ratio_of_the_test_and_swap_with_the_arms() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        calls = 0.01 * rng.lognormal(0, 0.3, (2, 12, 6, 7))
        effects = [pair_effects(a, b) for a, b in zip(*calls, strict=True)]
        middles = [pair_middles(a, b) for a, b in zip(*calls, strict=True)]
        ratio = paired_test(effects).estimate.value
        a, b = typical_costs(middles, ratio)
        assert b / a == pytest.approx(ratio, rel=1e-12)
        swapped = paired_test([-one for one in effects]).estimate.value
        assert typical_costs(middles, swapped) == pytest.approx((b, a), rel=1e-12)


def test_typical_costs_are_those_of_calm_calls_though_a_burst_met_one_arm_alone() -> None:
    rng = np.random.default_rng(4)
    a, b = 0.01 * rng.lognormal(0, 0.02, (2, 24, 14, 7))
    b[:, 3, :] *= 3  # one slice of each restart pair
    effects = [pair_effects(*both) for both in zip(a, b, strict=True)]
    middles = [pair_middles(*both) for both in zip(a, b, strict=True)]
    costs = typical_costs(middles, paired_test(effects).estimate.value)
    assert costs == pytest.approx((0.01, 0.01), rel=0.01)
    assert b.mean() > 1.1 * 0.01


def test_the_smallest_detectable_change_is_found_as_often_as_it_says() -> None:
    gates_of_pairs = np.random.default_rng(9).normal(0, 0.02, (200, PAIRS, 1))
    change = smallest_detectable_change([some for gate in gates_of_pairs for some in gate], PAIRS)
    assert change is not None
    tests = [paired_test(list(gate + math.log1p(change))) for gate in gates_of_pairs]
    found = [judge(test.low, test.high) is Verdict.SLOWER for test in tests]
    assert np.mean(found) == pytest.approx(0.95, abs=0.04)


def test_the_smallest_detectable_change_never_lies_below_theta_and_falls_with_more_pairs() -> None:
    effects = [[0.01], [-0.01], [0.02]]
    few, many = (smallest_detectable_change(effects, planned) for planned in (8, 100))
    assert few is not None
    assert many is not None
    assert few > many > 0.01
    assert smallest_detectable_change([[0.02]] * 3, 8, theta=0.02) == pytest.approx(0.02)


@pytest.mark.parametrize(("effects", "planned"), [([[0.01]], 24), ([[0.01], [0.02]], 7)])
def test_there_is_no_detectable_change_without_spread_or_with_too_few_pairs(
    effects: list[list[float]], planned: int
) -> None:
    assert smallest_detectable_change(effects, planned) is None


@pytest.mark.parametrize("effects", [[], [[]], [[0.1], [math.nan]]])
def test_what_has_no_effects_is_refused(effects: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="restart pair"):
        paired_test(effects)

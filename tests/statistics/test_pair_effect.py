"""Effects of slice pairs and of restart pairs. Larger runs: docs/explanation/verdicts.md."""

import math

import numpy as np
import pytest

from embprof.statistics.pair_effect import (
    ORDER,
    pair_effects,
    pair_middles,
    restart_effects,
    slice_log_ratio,
)


def test_calls_that_all_take_3_percent_longer_give_3_percent_under_any_noise() -> None:
    times = np.random.default_rng(1).pareto(2, 50) + 0.1
    assert slice_log_ratio(times, 1.03 * times) == pytest.approx(math.log(1.03), rel=1e-9)


@pytest.mark.parametrize("calls", [1, 2, 7, 30])
@pytest.mark.parametrize("spikes", [0.0, 0.2])
def test_3_percent_are_found_without_bias_between_slices_of_their_own_noise(
    calls: int, spikes: float
) -> None:
    rng = np.random.default_rng(2)
    times = rng.lognormal(0, 0.12, (2, 10, 400, calls))
    times *= np.where(rng.random(times.shape) < spikes, rng.uniform(1.5, 3, times.shape), 1)
    logs = np.log(np.mean(times**ORDER, axis=-1)) / ORDER
    effects = restart_effects(list(logs[1] + math.log(1.03) - logs[0]))
    error = np.std(effects, ddof=1) / math.sqrt(effects.size)
    assert abs(np.mean(effects) - math.log(1.03)) < 4 * error


def test_noise_that_adds_instead_of_scaling_hides_little_of_a_slowdown() -> None:
    noise = np.random.default_rng(3).exponential(0.1, (2, 200, 20))
    effects = pair_effects(list(1 + noise[0]), list(1.03 + noise[1]))
    (effect,) = restart_effects([effects])
    assert effect == pytest.approx(math.log(1.03), abs=0.004)


def test_one_disturbed_call_moves_a_slice_little() -> None:
    calm = [0.1] * 20
    disturbed = [0.1] * 19 + [0.4]
    assert 0 < slice_log_ratio(calm, disturbed) < 0.01


def test_swapping_the_arms_turns_an_effect_into_its_negative() -> None:
    a, b = np.random.default_rng(4).lognormal(0, 0.3, (2, 9))
    assert slice_log_ratio(a, b) == pytest.approx(-slice_log_ratio(b, a))
    effects = [pair_effects([a, b, a], [b, a[::-1], b * 1.2]) for _ in range(2)]
    assert restart_effects([-e for e in effects]) == pytest.approx(-restart_effects(effects))


def test_the_middle_of_two_arms_lies_half_an_effect_from_each_whichever_is_which() -> None:
    rng = np.random.default_rng(2)
    a, b = (list(rng.lognormal(-4, 0.2, (5, 7))) for _ in range(2))
    middles, effects = pair_middles(a, b), pair_effects(a, b)
    assert np.array_equal(middles, pair_middles(b, a))
    same = [pair_middles([one], [one])[0] for one in a]
    assert middles - effects / 2 == pytest.approx(same)


def test_tiny_and_huge_times_neither_overflow_nor_vanish() -> None:
    assert slice_log_ratio([1e-200, 1e-200], [1e200, 1e200]) == pytest.approx(400 * math.log(10))


def test_wild_slices_are_left_out_and_calm_ones_are_all_used() -> None:
    calm = np.random.default_rng(5).normal(0.03, 0.01, 20)
    assert restart_effects([calm]) == pytest.approx([calm.mean()], abs=0.004)
    wild = np.concatenate([calm, [2.0, -1.0, 3.0, 2.5]])
    assert restart_effects([wild]) == pytest.approx([0.03], abs=0.01)


def test_a_restart_pair_of_one_slice_pair_is_its_effect() -> None:
    assert restart_effects([[0.5], [0.1, 0.2, 0.3]]) == pytest.approx([0.5, 0.2])


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ([], [], "are not those of calls"),
        ([1.0, 1.0], [1.0], "2 and 1 calls"),
        ([1.0, 0.0], [1.0, 1.0], "arm A: costs must be finite and above zero"),
        ([1.0], [math.nan], "arm B: costs must be finite"),
        ([[1.0]], [1.0], "arm A: costs of shape"),
    ],
)
def test_slices_that_cannot_be_compared_are_refused(
    a: list[float], b: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        slice_log_ratio(a, b)


def test_arms_of_unequal_numbers_of_slices_are_refused() -> None:
    for a, b in (([[1.0]], []), ([], []), ([[1.0]], [[1.0], [1.0]])):
        with pytest.raises(ValueError, match="as many in both arms"):
            pair_effects(a, b)


@pytest.mark.parametrize("effects", [[], [[]], [[0.1], [math.inf]], [[math.nan]]])
def test_restart_pairs_without_effects_are_refused(effects: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="restart pair"):
        restart_effects(effects)

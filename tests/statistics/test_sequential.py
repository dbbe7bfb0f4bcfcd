"""Levels of planned looks, against published boundaries and simulated Brownian motion."""

import numpy as np
import pytest
from scipy.stats import norm

from embprof.statistics.sequential import levels_of, nominal_levels, spent


def bounds(levels: tuple[float, ...]) -> list[float]:
    return [float(norm.isf(level / 2)) for level in levels]


@pytest.mark.parametrize(
    ("looks", "published"),
    [
        (2, [2.9626, 1.9686]),
        (3, [3.7103, 2.5114, 1.9930]),
        (4, [4.3326, 2.9631, 2.3590, 2.0141]),
        (5, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
    ],
)
def test_bounds_are_those_published_for_5_percent_spent_side_by_side(
    looks: int, published: list[float]
) -> None:
    # Reboussin, DeMets, Kim and Lan 2000: each side spends 2.5 % by itself.
    times = [(look + 1) / looks for look in range(looks)]
    found = levels_of([2 * spent(time, 0.025) for time in times], times)
    assert bounds(found) == pytest.approx(published, abs=2e-4)


def test_spending_in_pocock_shares_gives_bounds_of_equal_height() -> None:
    # Jennison and Turnbull 2000, table 2.1: 5 looks at 2.413 err in 5 %; shares by simulation.
    walk = np.random.default_rng(1).normal(size=(200_000, 5)).cumsum(axis=1) / np.sqrt(range(1, 6))
    out = np.maximum.accumulate(np.abs(walk) >= 2.413, axis=1).mean(axis=0)
    assert out[-1] == pytest.approx(0.05, abs=0.0015)
    times = [0.2, 0.4, 0.6, 0.8, 1.0]
    assert bounds(levels_of(list(out), times)) == pytest.approx([2.413] * 5, abs=0.03)


def test_looking_after_each_of_24_restart_pairs_errs_as_often_as_asked() -> None:
    limits = np.array(bounds(nominal_levels([look / 24 for look in range(1, 25)], 0.05)))
    walk = np.random.default_rng(2).normal(size=(20_000, 24)).cumsum(axis=1)
    errs = (np.abs(walk) / np.sqrt(range(1, 25)) >= limits).any(axis=1).mean()
    assert errs == pytest.approx(0.05, abs=0.005)
    unspent = (np.abs(walk) / np.sqrt(range(1, 25)) >= 1.96).any(axis=1).mean()
    assert unspent > 0.25


def test_a_single_look_has_all_of_alpha() -> None:
    assert nominal_levels([1.0], 0.01) == pytest.approx([0.01])


def test_early_looks_cost_nearly_nothing() -> None:
    first, last = nominal_levels([1 / 3, 1.0])
    assert first < 1e-5
    assert last == pytest.approx(0.01, rel=0.001)


def test_a_level_depends_on_the_looks_up_to_it_alone() -> None:
    planned = nominal_levels([0.25, 0.5, 0.75, 1.0])
    ended_early = nominal_levels([0.25, 0.5, 1.0])
    assert ended_early[:2] == pytest.approx(planned[:2])
    assert ended_early[2] > planned[3]


def test_looks_as_early_as_one_in_a_thousand_do_no_harm() -> None:
    first, last = nominal_levels([0.001, 1.0])
    assert first < 1e-15
    assert last == pytest.approx(0.01, rel=1e-6)


@pytest.mark.parametrize("fractions", [[], [0.0, 1.0], [0.5, 0.5], [0.6, 0.5], [0.5, 1.1]])
def test_looks_that_do_not_rise_to_at_most_1_are_refused(fractions: list[float]) -> None:
    with pytest.raises(ValueError, match="rising fractions"):
        nominal_levels(fractions)


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_an_alpha_outside_0_and_1_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha"):
        nominal_levels([1.0], alpha)

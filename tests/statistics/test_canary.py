"""The negative control. Its error rates are those of the paired test."""

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.statistics.canary import check_canary

Times = list[list[NDArray[np.float64]]]


def canary(seed: int, *, ratio: float = 1.0, noise: float = 0.02) -> tuple[Times, Times]:
    """20 restart pairs of 6 slices with 3 readings each; B's machine is slower by ``ratio``."""
    times = 0.001 * np.random.default_rng(seed).lognormal(0, noise, (2, 20, 6, 3))
    times[1] *= ratio
    return [list(pair) for pair in times[0]], [list(pair) for pair in times[1]]


def test_a_canary_between_arms_alike_voids_hardly_any_verdict() -> None:
    assert sum(check_canary(*canary(seed)).changed is True for seed in range(20)) <= 1


@pytest.mark.parametrize("ratio", [1.015, 1 / 1.015, 1.2])
def test_a_machine_that_differed_by_more_than_theta_is_seen(ratio: float) -> None:
    found = [check_canary(*canary(seed, ratio=ratio)).changed for seed in range(5)]
    assert found.count(True) == 5


def test_a_change_too_small_to_turn_a_verdict_voids_none_however_certain() -> None:
    check = check_canary(*canary(1, ratio=1.003, noise=0.001))
    assert check.test.p_value < 1e-4
    assert check.changed is False


def test_too_few_restart_pairs_cannot_tell() -> None:
    a, b = canary(1, ratio=1.5)
    assert check_canary(a[:7], b[:7]).changed is None
    assert check_canary(a[:8], b[:8]).changed is True


def test_arms_of_unequal_numbers_of_restart_pairs_are_refused() -> None:
    a, b = canary(1)
    with pytest.raises(ValueError, match="20 and 19 restart pairs"):
        check_canary(a, b[:-1])

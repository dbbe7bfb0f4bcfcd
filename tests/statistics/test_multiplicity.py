"""Adjusted p-values."""

import math

import numpy as np
import pytest

from embprof.statistics.multiplicity import benjamini_hochberg, holm


def test_holm_steps_down_from_the_smallest() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_never_exceeds_1_and_keeps_the_order() -> None:
    assert holm([0.9, 0.8, 0.7]) == [1.0, 1.0, 1.0]
    assert holm([0.01]) == [0.01]
    assert holm([]) == benjamini_hochberg([]) == []


def test_benjamini_hochberg_steps_up_from_the_largest() -> None:
    adjusted = benjamini_hochberg([0.01, 0.04, 0.03, 0.005])
    assert adjusted == pytest.approx([0.02, 0.04, 0.04, 0.02])


def test_holm_bounds_the_chance_of_any_false_alarm_among_20_rows() -> None:
    p = np.random.default_rng(1).random((2000, 20))
    alarms = [min(holm(list(row))) <= 0.05 for row in p]
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.016)
    assert np.mean((p <= 0.05).any(axis=1)) > 0.6


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@pytest.mark.parametrize("p", [[-0.1], [1.1], [0.5, math.nan]])
def test_what_is_no_p_value_is_refused(adjust: object, p: list[float]) -> None:
    assert callable(adjust)
    with pytest.raises(ValueError, match="p-values"):
        adjust(p)

"""Adjusted p-values."""

import math

import pytest

from embprof.statistics.multiplicity import benjamini_hochberg


def test_benjamini_hochberg_steps_up_from_the_largest() -> None:
    adjusted = benjamini_hochberg([0.01, 0.04, 0.03, 0.005])
    assert adjusted == pytest.approx([0.02, 0.04, 0.04, 0.02])


def test_no_rows_and_one_alone_are_left_as_they_are() -> None:
    assert benjamini_hochberg([]) == []
    assert benjamini_hochberg([0.01]) == [0.01]


@pytest.mark.parametrize("p", [[-0.1], [1.1], [0.5, math.nan]])
def test_what_is_no_p_value_is_refused(p: list[float]) -> None:
    with pytest.raises(ValueError, match="p-values"):
        benjamini_hochberg(p)

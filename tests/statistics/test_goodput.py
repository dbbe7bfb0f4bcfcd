"""The quick share of good calls, and how many calls it takes."""

import numpy as np
import pytest

from embprof.measurements.load.goodput import fewest_calls, is_enough, share_of_good

TRIALS = 500


@pytest.mark.parametrize("lasting", [0.0, 0.5, 0.9])
def test_a_share_whose_bad_calls_come_in_bursts_is_covered(lasting: float) -> None:
    """A Markov chain: a state lasts with this probability, else it is drawn anew."""
    rng = np.random.default_rng(1)
    n, true = 3000, 0.95
    held = 0
    for _ in range(TRIALS):
        keeps = rng.random(n) < lasting
        fresh = rng.random(n) < true
        last = np.maximum.accumulate(np.where(keeps, 0, np.arange(n)))
        found = share_of_good(fresh[last])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= true <= found.high
    assert 0.91 <= held / TRIALS <= 0.98


@pytest.mark.parametrize("wanted", [0.5, 0.9, 0.95, 0.99])
def test_so_many_good_calls_show_the_share_and_one_less_does_not(wanted: float) -> None:
    fewest = fewest_calls(wanted)
    assert is_enough(share_of_good([True] * fewest), wanted) == "enough"
    assert is_enough(share_of_good([True] * (fewest - 1)), wanted) == "undecided"


def test_99_percent_take_381_calls() -> None:
    assert fewest_calls(0.99) == 381


def test_many_bad_calls_are_too_few_good_ones() -> None:
    assert is_enough(share_of_good([True, False] * 100), 0.99) == "too_few"


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        share_of_good([])

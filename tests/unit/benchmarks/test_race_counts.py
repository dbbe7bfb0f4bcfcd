"""What the benchmark of races counts as told apart, and as wrong."""

from itertools import islice

import pytest

from tests.benchmarks.neighbour import BURST, bursts
from tests.benchmarks.race import Counts, count


def test_words_the_right_way_and_the_wrong_way_are_told_from_each_other() -> None:
    truth = {(8, 16): 0.8, (8, 32): 1.2, (16, 32): 1.04}
    found = count(truth, {(8, 16): "faster", (8, 32): "faster", (16, 32): "slower"})
    assert found == Counts(pairs=3, apart=3, wrong=1, far=2, far_apart=1)


def test_a_pair_that_is_nearly_alike_counts_for_neither_side() -> None:
    assert count({(8, 16): 1.009, (8, 32): 1 / 1.009}, {(8, 16): "faster"}) == Counts()


def test_a_pair_of_which_nothing_was_said_is_not_told_apart() -> None:
    assert count({(8, 16): 1.5, (8, 32): 1.02}, {(8, 16): "open"}) == Counts(pairs=2, far=1)


def test_the_same_is_wrong_where_rows_differ_by_more_than_the_bound() -> None:
    found = count({(8, 16): 1.03, (8, 32): 0.9}, {(8, 16): "same", (8, 32): "same"})
    assert found == Counts(pairs=2, far=1, same=2, wrongly_same=1)


def test_counts_of_sweeps_add_up() -> None:
    one = count({(8, 16): 1.5}, {(8, 16): "slower"})
    assert one + one == Counts(pairs=2, apart=2, far=2, far_apart=2)


@pytest.mark.parametrize("duty", [0.33, 0.66, 1.0])
def test_a_neighbour_is_busy_for_its_share_in_bursts_of_about_a_second(duty: float) -> None:
    found = list(islice(bursts(duty, "seed"), 4000))
    busy, rest = (sum(lengths) for lengths in zip(*found, strict=True))
    assert busy / (busy + rest) == pytest.approx(duty, abs=0.01)
    assert all(BURST[0] <= one <= BURST[1] for one, _ in found)
    assert found == list(islice(bursts(duty, "seed"), 4000))

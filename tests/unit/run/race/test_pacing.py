"""How long slices are, who sits out, and how iterations are dealt out."""

import math

import pytest

from embprof.run.race.pacing import FEWEST_ROUNDS, SHORTEST, is_in, rounds_of, slice_seconds


def test_slices_are_as_long_as_a_call_of_the_slowest_row() -> None:
    assert slice_seconds({0: 0.1, 1: 0.4}, shortest=0.2, seconds=60) == 0.4


@pytest.mark.parametrize(("asked", "expected"), [(0.0, SHORTEST), (0.5, 0.5)])
def test_slices_are_no_shorter_than_was_asked_and_can_be_told_from_asking(
    asked: float, expected: float
) -> None:
    assert slice_seconds({0: 0.001, 1: 0.002}, shortest=asked, seconds=60) == expected


def test_a_slow_row_leaves_room_for_many_rounds() -> None:
    each = slice_seconds({0: 0.1, 1: 10.0}, shortest=0.2, seconds=80)
    assert each == 80 / (2 * FEWEST_ROUNDS)


def test_without_a_bound_of_time_slices_are_as_long_as_the_slowest_call() -> None:
    assert slice_seconds({0: 0.1, 1: 10.0}, shortest=0.2, seconds=math.inf) == 10.0


def test_where_all_rows_are_slow_the_quickest_is_in_every_round() -> None:
    paces = {0: 7.0, 1: 10.0}
    each = slice_seconds(paces, shortest=0.2, seconds=80)
    assert all(is_in(paces[0], each, number, rarely=False) for number in range(10))


def test_a_row_of_an_unknown_pace_is_in_every_round() -> None:
    each = slice_seconds({0: 0.0, 1: 0.0}, shortest=0.2, seconds=80)
    assert all(is_in(0.0, each, number, rarely=False) for number in range(10))


@pytest.mark.parametrize(
    ("pace", "rarely", "rounds"),
    [
        (0.1, False, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        (1.4, False, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        (2.0, False, [0, 1, 4, 5, 8, 9]),
        (3.0, False, [0, 1, 6, 7]),
        (0.1, True, [0, 1, 4, 5, 8, 9]),
        (3.0, True, [0, 1]),
    ],
)
def test_a_slow_row_sits_out_of_rounds_by_twos(
    pace: float,
    rarely: bool,  # noqa: FBT001  (pytest passes it by name)
    rounds: list[int],
) -> None:
    assert [number for number in range(12) if is_in(pace, 1.0, number, rarely=rarely)] == rounds


@pytest.mark.parametrize(
    ("calls", "paces", "rounds"),
    [
        ({0: 12, 1: 12}, {0: 1.0, 1: 2.0}, 12),
        ({0: 100, 1: 100}, {0: 0.05, 1: 0.1}, 25),
        ({0: 100, 1: 10}, {0: 0.05, 1: 1.0}, 10),
        ({0: 12, 1: 12}, {0: 0.001, 1: 1.0}, 1),
        ({0: 12}, {0: 0.0}, 1),
        ({}, {}, 1),
    ],
)
def test_iterations_are_dealt_out_into_as_many_rounds_as_slices_allow(
    calls: dict[int, int], paces: dict[int, float], rounds: int
) -> None:
    assert rounds_of(calls, paces, shortest=0.2) == rounds

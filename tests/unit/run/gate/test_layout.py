"""How a gate's time is spent, whatever the arms cost."""

import random

import pytest

from embprof.run.gate.layout import (
    FEWEST_CALLS,
    FEWEST_SLICE_PAIRS,
    MOST_CALLS,
    RESERVE,
    Layout,
    lay_out,
    row_seconds,
    shortest,
)

PAIRS = 24


def planned(
    *paces: float,
    seconds: float = 180.0,
    loading: float = 1.0,
    slice_seconds: float = 0.2,
    pairs: int = PAIRS,
) -> Layout:
    return lay_out(
        paces, seconds=seconds, loading=loading, slice_seconds=slice_seconds, pairs=pairs
    )


def took(layout: Layout, *paces: float, loading: float = 1.0, pairs: int = PAIRS) -> float:
    """Seconds of a gate all of whose restart pairs are laid out so."""
    return pairs * (loading + layout.slice_pairs * layout.calls * sum(paces))


def test_calls_of_7_ms_in_three_minutes_are_laid_out_as_the_evidence_is() -> None:
    layout = planned(0.03, 0.03, seconds=180 / (1 - RESERVE), loading=1.9)
    assert (layout.calls, layout.slice_pairs) == (7, 12)


@pytest.mark.parametrize("seed", range(200))
def test_any_layout_is_balanced_and_fits_if_anything_does(seed: int) -> None:
    drawn = random.Random(seed)
    a = 10 ** drawn.uniform(-6, 1)
    b = a * 10 ** drawn.uniform(-2, 2)
    seconds, loading = drawn.uniform(10, 900), drawn.uniform(0.05, 20)
    pairs = drawn.randrange(8, 100)
    layout = planned(a, b, seconds=seconds, loading=loading, pairs=pairs)
    assert layout.slice_pairs % 2 == 0
    assert layout.slice_pairs >= FEWEST_SLICE_PAIRS
    assert FEWEST_CALLS <= layout.calls <= MOST_CALLS
    needed = took(layout, a, b, loading=loading, pairs=pairs)
    if layout.slice_pairs > FEWEST_SLICE_PAIRS:
        assert needed <= seconds * (1 - RESERVE) * (1 + 1e-9)
    two_more = Layout(slice_pairs=layout.slice_pairs + 2, calls=layout.calls)
    assert took(two_more, a, b, loading=loading, pairs=pairs) > seconds * (1 - RESERVE - 1e-9)


@pytest.mark.parametrize("pairs", [8, 24, 100])
def test_what_is_held_in_reserve_is_used_by_later_pairs_all_but_3_percent(pairs: int) -> None:
    left = 600.0
    for to_come in range(pairs, 0, -1):
        left -= took(planned(0.001, 0.001, seconds=left, pairs=to_come), 0.001, 0.001, pairs=1)
    assert 0 <= left < 0.03 * 600 + 1


def test_the_fewest_slices_take_their_share_of_what_all_took() -> None:
    assert shortest(Layout(slice_pairs=12, calls=7), 6.0) == pytest.approx(1.0)
    assert shortest(Layout(slice_pairs=FEWEST_SLICE_PAIRS, calls=7), 6.0) == pytest.approx(6.0)
    assert shortest(Layout(slice_pairs=1, calls=1), 6.0) == pytest.approx(6.0)


@pytest.mark.parametrize("seed", range(100))
def test_slices_last_as_long_as_asked_on_average_over_the_arms(seed: int) -> None:
    drawn = random.Random(seed)
    a, b = (10 ** drawn.uniform(-4, 0.5) for _ in range(2))
    layout = planned(a, b)
    if FEWEST_CALLS < layout.calls < MOST_CALLS:
        assert 0.2 <= layout.calls * (a + b) / 2 < 0.2 + (a + b) / 2


@pytest.mark.parametrize("factor", [1, 30, 1000])
def test_an_arm_whose_calls_take_far_longer_does_not_use_the_time_up_in_one_slice(
    factor: float,
) -> None:
    slow = 0.007 * factor
    layout = planned(0.007, slow)
    assert layout.calls * slow <= max(2 * 0.2 + slow, FEWEST_CALLS * slow)


def test_calls_of_ten_seconds_come_in_threes_and_the_time_decides_how_many_pairs() -> None:
    assert planned(10.0, 10.0) == Layout(slice_pairs=FEWEST_SLICE_PAIRS, calls=FEWEST_CALLS)


def test_fresh_interpreters_that_load_for_ten_seconds_leave_the_fewest_slices() -> None:
    assert planned(0.01, 0.01, loading=20.0).slice_pairs == FEWEST_SLICE_PAIRS


@pytest.mark.parametrize(
    ("seconds", "loading"), [(1e-9, 0.0), (180.0, 1e9), (180.0, 0.0), (86_400.0, 0.1)]
)
@pytest.mark.parametrize("pace", [1e-9, 1.0, 1e6])
def test_absurd_times_still_give_a_layout(seconds: float, loading: float, pace: float) -> None:
    layout = planned(pace, pace, seconds=seconds, loading=loading)
    assert layout.slice_pairs >= FEWEST_SLICE_PAIRS
    assert FEWEST_CALLS <= layout.calls <= MOST_CALLS


@pytest.mark.parametrize(
    ("asked", "rows", "seconds"),
    [
        (None, 1, 180),
        (None, 5, 180),
        (None, 8, 112.5),
        (None, 15, 60),
        (None, 1000, 60),
        (7.5, 1, 7.5),
        (7.5, 100, 7.5),
    ],
)
def test_many_rows_share_a_quarter_of_an_hour_but_for_what_was_asked(
    asked: float | None, rows: int, seconds: float
) -> None:
    assert row_seconds(asked, rows) == seconds

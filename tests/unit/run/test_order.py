"""The order of slices: drawn, and mirrored in every second round."""

import pytest

from embprof.run.order import Order

ROWS = (0, 1, 2, 3, 4)


def test_every_row_is_once_in_a_round_and_the_second_round_is_the_mirror_image() -> None:
    order = Order("seed")
    for _ in range(20):
        first, second = order.next(ROWS), order.next(ROWS)
        assert sorted(first) == list(ROWS)
        assert second == first[::-1]


def test_orders_are_drawn_anew_for_every_two_rounds() -> None:
    order = Order("seed")
    assert len({tuple(order.next(ROWS)) for _ in range(20)}) > 10


@pytest.mark.parametrize("row", ROWS)
def test_every_row_is_first_as_often_as_others(row: int) -> None:
    order = Order("seed")
    first = sum(order.next(ROWS)[0] == row for _ in range(1000))
    assert 150 < first < 250


def test_rows_that_have_left_are_left_out_of_the_mirror_image() -> None:
    order = Order("seed")
    first = order.next(ROWS)
    assert order.next((0, 2, 4)) == [row for row in first[::-1] if row in (0, 2, 4)]


def test_with_a_row_that_has_come_the_order_is_drawn_anew_and_then_mirrored() -> None:
    order = Order("seed")
    order.next((0, 1))
    drawn = order.next((0, 1, 2))
    assert sorted(drawn) == [0, 1, 2]
    assert order.next((0, 1, 2)) == drawn[::-1]


def test_after_begin_a_round_mirrors_none_before() -> None:
    order = Order("seed")
    order.next(ROWS)
    order.begin()
    drawn = order.next(ROWS)
    assert order.next(ROWS) == drawn[::-1]


def test_the_same_seed_and_rows_make_the_same_orders_and_another_seed_makes_others() -> None:
    one, same, other = (Order(seed) for seed in ("a", "a", "b"))
    drawn = [one.next(ROWS) for _ in range(10)]
    assert [same.next(ROWS) for _ in range(10)] == drawn
    assert [other.next(ROWS) for _ in range(10)] != drawn


def test_a_round_of_nobody_is_empty() -> None:
    assert Order("seed").next(()) == []

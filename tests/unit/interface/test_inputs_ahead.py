"""Inputs made ahead: each once, in order, by one thread at a time."""

import itertools
import threading

from embprof.interface.inputs_ahead import Ahead


def test_inputs_come_in_order_whether_made_ahead_or_not() -> None:
    numbers = itertools.count()
    inputs = Ahead(lambda: next(numbers))
    assert inputs.take() == 0
    inputs.prepare(3)
    assert next(numbers) == 4, "three more were made"
    inputs.prepare(2)
    assert next(numbers) == 5, "they were there"
    assert [inputs.take() for _ in range(4)] == [1, 2, 3, 6]


def test_no_input_is_lost_or_given_twice_where_many_threads_call() -> None:
    numbers = iter(range(100_000))  # a generator would refuse to be entered twice
    inputs = Ahead(lambda: next(number for number in numbers))
    taken: list[list[int]] = [[] for _ in range(8)]

    def call(mine: list[int]) -> None:
        for turn in range(500):
            if turn % 50 == 0:
                inputs.prepare(20)
            mine.append(inputs.take())

    threads = [threading.Thread(target=call, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = sorted(number for mine in taken for number in mine)
    assert len(given) == len(set(given)) == 4000
    rest = len(inputs._ready)
    assert sorted([*given, *(inputs.take() for _ in range(rest))]) == list(range(4000 + rest))

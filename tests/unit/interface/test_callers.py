"""Threads that call at once."""

import threading

import pytest

from embprof.interface.callers import Callers


def test_every_caller_calls_as_often_as_told_and_all_items_count() -> None:
    called: list[str] = []

    def step() -> int:
        called.append(threading.current_thread().name)
        return 2

    callers = Callers(step, 3)
    assert callers.run(4) == 3 * 4 * 2
    assert callers.run(1) == 3 * 2
    callers.close()
    assert len(called) == 15


def test_callers_call_at_the_same_time() -> None:
    together = threading.Barrier(8, timeout=10)

    def step() -> int:
        together.wait()
        return 1

    callers = Callers(step, 8)
    assert callers.run(2) == 16
    callers.close()


def test_the_threads_stay_from_slice_to_slice() -> None:
    seen: set[int | None] = set()

    def step() -> int:
        seen.add(threading.current_thread().ident)
        return 1

    callers = Callers(step, 2)
    for _ in range(5):
        callers.run(1)
    assert len(seen) == 2
    callers.close()
    assert not any(thread.is_alive() for thread in callers._threads)


def test_a_callers_error_is_raised_when_the_others_have_ended() -> None:
    turns = iter(range(4))

    def step() -> int:
        if next(turns) == 0:
            raise RuntimeError("on purpose")
        return 1

    callers = Callers(step, 4)
    with pytest.raises(RuntimeError, match="on purpose"):
        callers.run(1)
    assert callers._done.empty()
    callers.close()

"""Waits for locks, by the line that waits."""

import threading
from queue import Queue

import pytest

from embprof.measurements.profile.profilers import locks
from embprof.measurements.profile.profilers.contention import as_rows
from embprof.measurements.profile.profilers.locks import Waits
from embprof.testing import BlocksOnLock


def test_a_wait_is_noted_with_its_line() -> None:
    with locks.timed() as waits:
        work = BlocksOnLock(seconds=0.05)
        work.load()
    for _ in range(3):
        work.step()
    (row,) = as_rows(waits.take(), 1, 3)
    work.close()
    assert "embprof/testing/contention.py:" in row["place"]
    assert row["waits_per_call"] == 1
    assert row["longest_ms"] <= 3 * row["wait_ms_per_call"]


def test_a_free_lock_leaves_no_trace() -> None:
    with locks.timed() as waits:
        lock, again = threading.Lock(), threading.RLock()
    with lock, again, again:
        assert lock.locked()
    assert lock.acquire(blocking=False)
    assert not lock.acquire(blocking=False)
    lock.release()
    assert waits.take() == []


def test_a_wait_that_is_given_up_is_a_wait() -> None:
    with locks.timed() as waits:
        lock = threading.Lock()
    with lock:
        assert not lock.acquire(timeout=0.001)
    assert len(waits.take()) == 1


def test_conditions_and_queues_work_with_timed_locks() -> None:
    with locks.timed():
        for lock in (threading.Lock(), threading.RLock(), None):
            condition = threading.Condition(lock)
            with condition:
                assert not condition.wait(timeout=0.001)
                condition.notify_all()
        queue: Queue[int] = Queue()
        queue.put(3)
        assert queue.get() == 3


def test_locks_are_as_ever_afterwards() -> None:
    before = threading.Lock
    with locks.timed():
        assert threading.Lock is not before
    assert threading.Lock is before


def test_waits_are_added_up_by_place_and_taken_once() -> None:
    waits = Waits()
    for place, seconds in (("a", 1.0), ("a", 3.0), ("b", 2.0)):
        waits.add(place, seconds)
    a, b = as_rows(waits.take(), 1, 1)
    assert (a["waits_per_call"], a["wait_ms_per_call"], a["longest_ms"]) == (2, 4000.0, 3000.0)
    assert b["wait_ms_per_call"] == pytest.approx(2000.0)
    assert waits.take() == []

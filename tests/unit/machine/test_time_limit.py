"""Calls that return, raise, or do neither."""

import threading

import pytest

from embprof.machine.time_limit import StillRunningError, within


def test_what_a_call_returns_is_returned_nothing_included() -> None:
    assert within(60, lambda: 3) == 3
    assert within(60, lambda: None) is None


def test_what_a_call_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 / 0)


def test_a_call_that_goes_on_is_left_behind() -> None:
    released = threading.Event()
    with pytest.raises(StillRunningError):
        within(0.01, released.wait)
    released.set()

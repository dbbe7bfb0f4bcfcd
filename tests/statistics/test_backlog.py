"""Overload is told from a queue that only comes and goes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.measurements.load.backlog import is_growing

RUNS = 200


def in_system(rng: np.random.Generator, load: float, n: int) -> NDArray[np.float64]:
    """How many earlier calls each finds at one server of exponential service times. Shape: (n,)."""
    before = 300
    every = n + before
    due = np.cumsum(rng.exponential(1 / load, every))
    services = rng.exponential(1.0, every)
    steps = np.concatenate([[0.0], np.cumsum(services[:-1] - np.diff(due))])
    ends = due + steps - np.minimum.accumulate(steps) + services
    found = np.arange(every) - np.searchsorted(ends, due, side="right")
    return np.asarray(found[before:], dtype=np.float64)


@pytest.mark.parametrize("load", [0.5, 0.8, 0.9])
def test_a_rate_that_the_server_can_do_is_hardly_ever_an_overload(load: float) -> None:
    rng = np.random.default_rng(1)
    for n in (300, 3000):
        assert np.mean([is_growing(in_system(rng, load, n)) for _ in range(RUNS)]) <= 0.03


def test_a_rate_beyond_it_is_seen() -> None:
    rng = np.random.default_rng(2)
    assert np.mean([is_growing(in_system(rng, 1.5, 300)) for _ in range(RUNS)]) >= 0.98
    assert np.mean([is_growing(in_system(rng, 1.1, 3000)) for _ in range(RUNS)]) >= 0.9


def test_calls_that_were_given_up_were_not_done() -> None:
    steady = [20.0] * 400
    assert not is_growing(steady)
    assert is_growing(steady, never_answered=50)


def test_a_stall_that_is_over_is_no_overload() -> None:
    stalled = [0.0] * 200 + list(range(100)) + [0.0] * 200
    assert not is_growing(stalled)


def test_a_handful_of_calls_says_nothing() -> None:
    assert not is_growing([0.0, 100.0])

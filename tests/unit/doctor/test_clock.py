"""Clocks of known steps."""

import itertools

import pytest

from embprof.doctor import clock


def test_the_steps_and_the_cost_of_a_reading_are_those_of_the_clock() -> None:
    ticks = itertools.accumulate(itertools.cycle((40e-9, 40e-9, 100e-9)))
    found = clock.measure(ticks.__next__, readings=3001)
    assert found.smallest_step == pytest.approx(40e-9)
    assert found.median_step == pytest.approx(40e-9)
    assert found.reading == pytest.approx(60e-9, rel=0.02)
    assert found.shortest_call == pytest.approx(4e-6)


def test_a_coarse_clock_has_the_steps_that_it_makes() -> None:
    readings = (index // 10 * 1e-3 for index in itertools.count())
    found = clock.measure(readings.__next__, readings=5000)
    assert found.median_step == pytest.approx(1e-3)
    assert found.reading == pytest.approx(1e-4, rel=0.02)
    assert found.shortest_call == pytest.approx(0.1)


def test_a_clock_that_stands_still_has_no_steps() -> None:
    found = clock.measure(lambda: 1.0, readings=100)
    assert (found.smallest_step, found.median_step, found.shortest_call) == (None, None, None)
    assert found.reading == 0.0


def test_the_clock_of_this_machine_moves() -> None:
    found = clock.measure(readings=5000)
    assert found.smallest_step is not None
    assert found.median_step is not None
    assert 0 < found.smallest_step <= found.median_step < 0.1

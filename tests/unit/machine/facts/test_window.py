"""What happened between two moments."""

from dataclasses import replace

import pytest

from embprof.machine.facts.window import Moment, Window, between, moment
from embprof.machine.files import Files
from embprof.machine.validity import Counters

BEFORE = Moment(
    counters=Counters(
        clock=100.0, busy=50.0, steal=1.0, total=400.0, throttled=3, memory_stall=2.0
    ),
    thermal=4,
    swapped=10,
    own_cpu_seconds=1.0,
)
AFTER = Moment(
    counters=Counters(
        clock=110.0, busy=53.0, steal=1.4, total=420.0, throttled=5, memory_stall=2.5
    ),
    thermal=4,
    swapped=17,
    own_cpu_seconds=2.0,
)


def test_changes_are_shares_and_counts_and_own_work_is_not_that_of_others() -> None:
    window = between(BEFORE, AFTER)
    assert window.seconds == 10.0
    assert window.others == pytest.approx(0.2)
    assert window.steal == pytest.approx(0.02)
    assert window.memory_stall == pytest.approx(0.05)
    assert (window.throttled, window.thermal, window.swapped) == (2, 0, 7)


def test_what_is_not_counted_stays_unknown() -> None:
    nothing = Moment(
        counters=Counters(
            clock=0.0, busy=None, steal=None, total=None, throttled=None, memory_stall=None
        ),
        thermal=None,
        swapped=None,
        own_cpu_seconds=0.0,
    )
    assert between(nothing, nothing) == Window(
        seconds=1e-9,
        others=None,
        steal=None,
        throttled=None,
        memory_stall=None,
        thermal=None,
        swapped=None,
    )


def test_own_work_in_finer_ticks_than_the_machines_is_not_below_nothing() -> None:
    assert between(BEFORE, replace(AFTER, own_cpu_seconds=9.0)).others == 0.0


def test_the_counters_of_this_machine_only_grow() -> None:
    first, second = moment(Files()), moment(Files())
    window = between(first, second)
    assert window.seconds > 0
    for count in (window.throttled, window.thermal, window.swapped):
        assert count is None or count >= 0

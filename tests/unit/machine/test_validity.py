"""Stamps from constructed counters: what happened around a measurement."""

import sys
from typing import Any

import pytest

from embprof.machine import validity
from embprof.machine.validity import Counters, changes, merge, stamps
from embprof.model import Stamp


def counters(**changes: Any) -> Counters:
    fields: dict[str, Any] = {
        "clock": 0.0,
        "busy": 0.0,
        "steal": 0.0,
        "total": 1000.0,
        "throttled": 0,
        "memory_stall": 0.0,
    }
    return Counters(**{**fields, **changes})


def marks(after: Counters, before: Counters | None = None, **changes: Any) -> dict[str, str]:
    circumstances: dict[str, Any] = {
        "own_cpu_seconds": 0.0,
        "threads": 2,
        "cpus": 2,
        "wait_policy": "passive",
    }
    found = stamps(before or counters(), after, **{**circumstances, **changes})
    return {stamp.mark: stamp.detail for stamp in found}


def test_a_quiet_machine_leaves_no_stamp() -> None:
    assert marks(counters(clock=10.0, busy=20.5, total=1020.0), own_cpu_seconds=20.0) == {}


def test_cpu_time_of_others_is_stamped_as_busy() -> None:
    after = counters(clock=10.0, busy=22.0, total=1020.0)
    assert marks(after, own_cpu_seconds=20.0) == {"B": "others used 20 % of a CPU"}


def test_stolen_time_is_stamped_as_a_share_of_all_cpu_time() -> None:
    assert marks(counters(clock=10.0, steal=0.4, total=1020.0)) == {
        "S": "2.0 % of the CPU time was stolen"
    }
    assert marks(counters(clock=10.0, steal=0.1, total=1020.0)) == {}


def test_any_throttled_period_is_stamped() -> None:
    found = marks(counters(clock=10.0, throttled=5), counters(throttled=2))
    assert found == {"Q": "throttled in 3 periods"}


def test_waiting_for_memory_is_stamped() -> None:
    (detail,) = marks(counters(clock=10.0, memory_stall=0.5)).values()
    assert "5.0 % of the time" in detail
    assert marks(counters(clock=10.0, memory_stall=0.05)) == {}


def test_more_threads_than_cpus_are_stamped() -> None:
    assert marks(counters(clock=10.0), threads=4) == {"T": "4 threads on 2 CPUs"}


@pytest.mark.parametrize("wait_policy", ["active", "default"])
def test_waiting_awake_is_stamped_where_others_use_the_cpus(wait_policy: str) -> None:
    busy = counters(clock=10.0, busy=22.0, total=1020.0)
    assert marks(busy, wait_policy=wait_policy)["A"] == f"wait_policy={wait_policy}"
    assert "A" not in marks(busy, wait_policy=wait_policy, threads=1)
    assert "A" not in marks(busy, wait_policy="passive")
    assert marks(counters(clock=10.0), wait_policy=wait_policy) == {}


def test_counters_that_the_system_does_not_have_leave_no_stamp() -> None:
    unknown = counters(
        clock=10.0, busy=None, steal=None, total=None, throttled=None, memory_stall=None
    )
    assert marks(unknown, unknown) == {}


def test_two_readings_of_the_same_moment_are_no_division_by_zero() -> None:
    assert marks(counters()) == {}


def test_merged_stamps_are_the_first_of_each_mark_in_the_order_of_the_legend() -> None:
    found = [Stamp(mark=mark, detail=detail) for mark, detail in ("W1", "B1", "S1", "B2")]
    assert [f"{stamp.mark}{stamp.detail}" for stamp in merge(found)] == ["B1", "S1", "W1"]


def test_every_stamp_has_a_meaning() -> None:
    assert {"B", "S", "Q", "M", "T", "A", "W", "D"} <= set(validity.MARKS)


@pytest.mark.skipif(sys.platform != "linux", reason="the counters are Linux's")
def test_the_counters_of_linux_only_grow() -> None:
    before, after = validity.read(), validity.read()
    assert after.clock >= before.clock
    assert before.busy is not None
    assert after.busy is not None
    assert after.busy >= before.busy > 0


def test_what_others_used_is_told_in_cpus() -> None:
    after = counters(clock=10.0, busy=25.0)
    assert changes(counters(), after, own_cpu_seconds=20.0).others == pytest.approx(0.5)
    assert changes(counters(), after, own_cpu_seconds=25.0).others == pytest.approx(0.0)


@pytest.mark.parametrize("ends", [(None, 1.0), (1.0, None), (None, None)])
def test_where_the_system_is_silent_nobody_knows_what_others_used(
    ends: tuple[float | None, float | None],
) -> None:
    before, after = (counters(busy=busy) for busy in ends)
    assert changes(before, after, own_cpu_seconds=0.0).others is None

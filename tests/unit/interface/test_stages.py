"""Marks become seconds, and all of them together the time of the step."""

from collections.abc import Sequence

import pytest

from embprof.interface.stages import StageTime, StageTimer, later
from embprof.testing import FakeClock


class Ticks:
    """A fake clock as a clock of stages; reads are counted."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.reads = 0

    def read(self) -> float:
        self.reads += 1
        return self.clock()

    def seconds(self, readings: Sequence[float]) -> Sequence[float]:
        return readings


def time(seconds: float, calls: int = 1) -> StageTime:
    return StageTime(seconds=seconds, calls=calls)


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def timer(ticks: Ticks) -> StageTimer:
    return StageTimer(ticks)


def test_a_stage_has_the_time_within_it(timer: StageTimer, ticks: Ticks) -> None:
    ticks.clock.advance(1)
    with timer.stage("parse"):
        ticks.clock.advance(2)
    ticks.clock.advance(4)
    assert timer.take() == {"parse": time(2)}


def test_a_part_is_named_after_the_stage_around_it_which_has_its_time_too(
    timer: StageTimer, ticks: Ticks
) -> None:
    with timer.stage("forward"):
        ticks.clock.advance(1)
        for _ in range(2):
            with timer.stage("layer"):
                ticks.clock.advance(2)
    assert timer.take() == {"forward": time(5), "forward/layer": time(4, calls=2)}


def test_switching_ends_all_that_is_open_in_the_same_moment(
    timer: StageTimer, ticks: Ticks
) -> None:
    timer.switch("forward")
    timer.begin("layer")
    ticks.clock.advance(3)
    reads = ticks.reads
    timer.switch("pooling")
    assert ticks.reads == reads + 1
    ticks.clock.advance(1)
    timer.switch(None)
    assert timer.take() == {
        "forward": time(3),
        "forward/layer": time(3),
        "pooling": time(1),
    }


def test_a_stage_that_goes_on_is_no_further_call_of_it(timer: StageTimer, ticks: Ticks) -> None:
    timer.switch("to_host")
    ticks.clock.advance(1)
    timer.switch("normalize")
    ticks.clock.advance(2)
    timer.switch("to_host", again=True)
    ticks.clock.advance(4)
    timer.switch(None)
    assert timer.take() == {"to_host": time(5), "normalize": time(2)}


def test_what_was_taken_is_not_taken_again(timer: StageTimer) -> None:
    with timer.stage("parse"):
        pass
    assert timer.take()
    assert timer.take() == {}


def test_times_cannot_be_taken_while_a_stage_is_open(timer: StageTimer) -> None:
    timer.begin("parse")
    timer.begin("read")
    assert timer.current == "read"
    with pytest.raises(RuntimeError, match="parse/read has not ended"):
        timer.take()


def test_a_stage_ends_with_the_error_that_ends_it(timer: StageTimer, ticks: Ticks) -> None:
    def fail() -> None:
        with timer.stage("parse"):
            ticks.clock.advance(1)
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        fail()
    assert timer.current is None
    assert timer.take() == {"parse": time(1)}


def test_the_hosts_clock_is_the_default() -> None:
    timer = StageTimer()
    with timer.stage("parse"):
        pass
    assert timer.take()["parse"].seconds >= 0


def test_on_a_device_a_stage_ends_when_host_and_device_are_through_with_it() -> None:
    # Two kernels of 10 ms are queued at once, then the host waits for both and goes on.
    queued, waited = [0.001, 0.002, 0.003], [0.022, 0.023]
    passed = [0.001, 0.011, 0.021, 0.022, 0.023]
    assert later(0.0, [*queued, *waited], passed) == passed
    assert later(0.0, [0.005, 0.006], [0.001, 0.002]) == [0.005, 0.006]  # the device was idle
    assert later(0.0, [0.001, 0.002], [0.010, 0.009]) == [0.010, 0.010]  # no mark before another

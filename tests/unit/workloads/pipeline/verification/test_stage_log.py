"""Stages of each call, in exact times of a clock that moves when told."""

from collections.abc import Sequence

from embprof.interface.stages import StageTime, StageTimer
from embprof.model import Samples
from embprof.testing import FakeClock
from embprof.workloads.pipeline.verification.stage_log import StageLog


class Ticks:
    """The fake clock, as a timer of stages reads one."""

    def __init__(self, clock: FakeClock) -> None:
        self.read = clock

    def seconds(self, readings: Sequence[float]) -> Sequence[float]:
        return readings


def make_call(
    log: StageLog, clock: FakeClock, timer: StageTimer | None = None, hits: float | None = None
) -> None:
    """Half a second before the first stage, then one of a second and one of two."""
    call = log.call(timer)
    clock.advance(0.5)
    call.begin("embed")
    clock.advance(1)
    call.begin("search")
    clock.advance(2)
    log.end(call, hits)


def by_name(samples: list[Samples]) -> dict[str, tuple[float, ...]]:
    return {one.name: one.values for one in samples}


def test_a_call_is_its_stages_and_what_is_left_of_it() -> None:
    clock = FakeClock()
    log = StageLog(("embed", "search"), clock)
    log.take()
    make_call(log, clock)
    found = by_name([*log.take()])
    assert found == {"staged_step": (3500.0,), "stage_embed": (1000.0,), "stage_search": (2000.0,)}
    assert log.take() == ()


def test_nothing_is_kept_before_somebody_asks() -> None:
    clock = FakeClock()
    log = StageLog(("embed", "search"), clock)
    make_call(log, clock)
    assert log.take() == ()


def test_a_stage_that_a_call_left_out_took_no_time() -> None:
    clock = FakeClock()
    log = StageLog(("embed", "search", "nli"), clock)
    log.take()
    make_call(log, clock)
    assert by_name([*log.take()])["stage_nli"] == (0.0,)


def test_a_timer_is_told_of_the_same_stages() -> None:
    clock = FakeClock()
    timer = StageTimer(Ticks(clock))
    log = StageLog(("embed", "search"), clock)
    make_call(log, clock, timer)
    assert timer.take() == {
        "embed": StageTime(seconds=1, calls=1),
        "search": StageTime(seconds=2, calls=1),
    }


def test_claims_from_the_cache_are_a_reading_where_there_is_a_cache() -> None:
    clock = FakeClock()
    log = StageLog(("embed", "search"), clock)
    log.take()
    make_call(log, clock, hits=50.0)
    assert by_name([*log.take()])["cache_hit"] == (50.0,)

"""What surrounds the steps of a workload."""

from collections.abc import Mapping, Sequence

from embprof.interface import steps
from embprof.model import Samples
from embprof.testing import FakeClock


class Bare:
    """A workload with nothing beside its steps."""

    items = "texts"

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock

    def load(self) -> None: ...

    def step(self) -> int:
        self.clock.advance(0.25)
        return 8

    def close(self) -> None: ...


class Telling(Bare):
    """One that makes its inputs ahead, counts and reads."""

    prepared = 0

    def prepare(self, steps: int) -> None:
        self.prepared += steps

    def counts(self) -> Mapping[str, float]:
        return {"tokens": 90}

    def readings(self) -> Sequence[Samples]:
        return (Samples.of("cache_hit", "%", 50.0, better="higher"),)


def test_a_workload_that_has_nothing_beside_its_steps_is_left_alone() -> None:
    bare = Bare(FakeClock())
    steps.prepare(bare, 3)
    assert steps.counts(bare) == {}
    assert steps.readings(bare) == ()


def test_what_a_workload_has_is_used() -> None:
    telling = Telling(FakeClock())
    steps.prepare(telling, 3)
    assert telling.prepared == 3
    assert steps.counts(telling) == {"tokens": 90}
    (read,) = steps.readings(telling)
    assert (read.values, read.better, read.summary) == ((50.0,), "higher", "mean")


def test_each_call_is_timed_with_its_items() -> None:
    clock = FakeClock()
    assert steps.timed(Bare(clock).step, 3, clock) == ([0.25] * 3, [8] * 3)

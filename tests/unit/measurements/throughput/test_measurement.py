"""Service times read from a clock that only the workload moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from embprof.machine import process_memory
from embprof.machine.process_memory import ProcessMemory
from embprof.measurements.throughput import Throughput
from embprof.model import Samples
from embprof.testing import FakeClock


@dataclass(kw_only=True)
class Work:
    """Making the inputs of a step takes a second, the step itself 0.25 s."""

    clock: FakeClock
    items: str = "texts"
    prepared: int = 0
    steps: int = 0

    def load(self) -> None:
        pass

    def prepare(self, steps: int) -> None:
        self.clock.advance(1.0 * steps)
        self.prepared += steps

    def step(self) -> int:
        self.clock.advance(0.25)
        self.steps += 1
        return 8

    def close(self) -> None:
        pass


@dataclass(kw_only=True)
class CountingWork(Work):
    counted: int = field(default=0, init=False)

    def counts(self) -> Mapping[str, float]:
        done, self.counted = self.steps - self.counted, self.steps
        return {"tokens": 20.0 * done, "padded_tokens": 25.0 * done, "forward_passes": float(done)}


def observe(workload: Work, iterations: int) -> dict[str, Samples]:
    measurement = Throughput(clock=workload.clock, cpu_clock=lambda: 2 * workload.clock())
    measurement.open(workload)
    samples: Sequence[Samples] = measurement.observe(iterations)
    assert samples[0].name == "call_time"
    assert measurement.close() == ()
    return {one.name: one for one in samples}


def test_each_call_is_timed_by_itself_without_the_making_of_its_inputs() -> None:
    workload = Work(clock=FakeClock())
    calls = observe(workload, 4)["call_time"]
    assert calls.values == (0.25,) * 4
    assert calls.items == (8,) * 4
    assert (workload.prepared, workload.steps) == (4, 4)


def test_cpu_time_is_that_of_the_calls_alone() -> None:
    assert observe(Work(clock=FakeClock()), 4)["cpu_time"].values == (2 * 4 * 0.25,)


def test_what_the_workload_counts_is_kept_once_a_slice() -> None:
    found = observe(CountingWork(clock=FakeClock()), 4)
    assert found["tokens"].values == (80.0,)
    assert found["padded_tokens"].values == (100.0,)
    assert found["forward_passes"].values == (4.0,)


def test_a_workload_that_counts_nothing_has_no_counts() -> None:
    assert "tokens" not in observe(Work(clock=FakeClock()), 1)


def test_memory_is_in_megabytes_and_its_growth_is_anonymous(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mega = 1_000_000
    loaded = ProcessMemory(rss=100 * mega, anonymous=60 * mega, file=40 * mega, peak_rss=120 * mega)
    now = ProcessMemory(rss=140 * mega, anonymous=80 * mega, file=60 * mega, peak_rss=160 * mega)
    readings = iter([loaded, loaded, loaded, now])
    monkeypatch.setattr(process_memory, "read", lambda: next(readings))
    found = observe(Work(clock=FakeClock()), 1)
    assert found["steady_rss"].values == (140.0,)
    assert found["peak_rss"].values == (160.0,)
    assert found["rss_delta"].values == (40.0,)


def test_without_the_kernels_word_there_are_no_memory_readings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process_memory, "read", lambda: None)
    assert set(observe(Work(clock=FakeClock()), 1)) == {"call_time", "cpu_time"}


def test_throughput_needs_no_interpreter_of_its_own() -> None:
    assert Throughput().isolation == "fork"

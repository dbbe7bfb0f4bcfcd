"""Bare, timed and profiled calls in turn, by a clock that only the workload moves."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from embprof.interface.stages import StageTimer
from embprof.measurements.profile import Profile, profilers
from embprof.measurements.profile.profilers import allocations
from embprof.measurements.profile.profilers.functions import Functions, FunctionTime
from embprof.model import Samples
from embprof.testing import FakeClock, Sleep


@dataclass(kw_only=True)
class Work:
    """10 ms a step, of which 8 are stage a; timing stages adds 1, a profiler 2."""

    clock: FakeClock
    items: str = "texts"
    log: list[str] = field(default_factory=list)
    adds: float = 0.0
    _timer: StageTimer | None = None

    def load(self) -> None:
        self.log.append("load")

    def prepare(self, steps: int) -> None:
        self.log.append(f"prepare {steps}")

    def step(self) -> int:
        self.log.append("step")
        if self._timer is not None:
            self._timer.begin("a")
        self.clock.advance(0.008)
        if self._timer is not None:
            self._timer.end()
        self.clock.advance(0.002 + self.adds)
        return 4

    def close(self) -> None: ...

    def stages(self) -> Sequence[str]:
        return ("a",)

    @contextmanager
    def time_stages(self) -> Iterator[StageTimer]:
        self._timer, self.adds = StageTimer(self), 0.001
        yield self._timer
        self._timer, self.adds = None, 0.0

    def read(self) -> float:
        return self.clock()

    def seconds(self, readings: Sequence[float]) -> Sequence[float]:
        return readings


@dataclass(kw_only=True)
class Watcher:
    """A profiler that makes calls take longer, and one more of them first."""

    work: Any
    unwatched: int = 1
    calls: int = 0

    def watch(self, call: Callable[[], float], calls: int) -> list[float]:
        call()
        self.work.adds = 0.002
        seconds = [call() for _ in range(calls)]
        self.work.adds = 0.0
        self.calls += calls
        return seconds

    def forget(self) -> None:
        self.calls = 0

    def functions(self) -> Functions:
        only = FunctionTime(
            function="f", file="a.py", line=1, self_seconds=0.006, cumulative_seconds=0.012
        )
        return Functions(seconds=0.012, rows=(only,))

    def write(self, folder: Path) -> Sequence[Path]:
        (folder / "own.txt").write_text(f"{self.calls} calls")
        return (folder / "own.txt",)


@pytest.fixture
def work() -> Work:
    return Work(clock=FakeClock())


@pytest.fixture
def measurement(work: Work, monkeypatch: pytest.MonkeyPatch) -> Profile:
    monkeypatch.setattr(profilers, "profiler", lambda _name, _interval: Watcher(work=work))
    site = {"function": "f", "file": "a.py", "line": 1, "bytes_per_call": 2e6}
    monkeypatch.setattr(allocations, "sites", lambda _call, _calls: [site])
    made = Profile(clock=work.clock)
    made.load(work)
    made.open(work)
    return made


def observed(measurement: Profile, iterations: int) -> Mapping[str, Samples]:
    found = measurement.observe(iterations)
    assert found[0].name == "call_time"
    return {samples.name: samples for samples in found}


def files(measurement: Profile) -> dict[str, Path]:
    return {file.name: file for file in measurement.close()}


def test_calls_of_each_kind_are_read_apart(measurement: Profile) -> None:
    found = observed(measurement, 3)
    assert found["call_time"].values == pytest.approx((0.010,) * 3)
    assert found["call_time"].items == (4,) * 3
    assert found["staged_call"].values == pytest.approx((11.0,) * 3)
    assert found["profiled_call"].values == pytest.approx((12.0,) * 3)


def test_stages_make_up_the_call(measurement: Profile) -> None:
    found = observed(measurement, 2)
    assert found["stage_a"].values == pytest.approx((8.0, 8.0))
    assert found["stage_other"].values == pytest.approx((3.0, 3.0))


def test_inputs_are_made_before_each_block(measurement: Profile, work: Work) -> None:
    observed(measurement, 2)
    assert sorted(line for line in work.log if line.startswith("prepare")) == [
        "prepare 2",
        "prepare 2",
        "prepare 3",  # a profiler's unwatched call needs one too
    ]
    assert work.log.count("step") == 7


def test_the_order_of_kinds_changes_from_slice_to_slice(measurement: Profile, work: Work) -> None:
    orders = set()
    for _ in range(12):
        work.log.clear()
        observed(measurement, 1)
        orders.add(work.log.index("prepare 2"))
    assert len(orders) == 3


def test_warming_up_is_forgotten(measurement: Profile) -> None:
    observed(measurement, 5)
    measurement.measuring()
    observed(measurement, 2)
    left = files(measurement)
    assert left["own.txt"].read_text() == "2 calls"
    assert json.loads(left["stages.json"].read_text())["calls"] == 2
    assert json.loads(left["functions.json"].read_text())["calls"] == 2


def test_the_files_say_what_a_call_took_with_and_without(measurement: Profile) -> None:
    observed(measurement, 1)
    left = files(measurement)
    content = json.loads(left["functions.json"].read_text())
    assert content["call_ms"] == pytest.approx(12.0)
    assert content["bare_call_ms"] == pytest.approx(10.0)
    assert content["functions"][0]["self_ms"] == pytest.approx(6.0)
    assert "pyinstrument, a sample every 1 ms: 1 calls" in left["functions.txt"].read_text()


def test_what_is_worth_optimising_is_said(measurement: Profile) -> None:
    observed(measurement, 1)
    found = json.loads(files(measurement)["worth_optimising.json"].read_text())
    assert found["functions"][0]["self_percent"] == pytest.approx(50.0)
    assert found["allocation_sites"][0]["bytes_per_call"] == 2e6
    assert found["lock_waits"] is None


def test_without_memray_the_rest_is_still_said(
    measurement: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_call: object, _calls: int) -> Sequence[Mapping[str, Any]]:
        raise ModuleNotFoundError("No module named 'memray'")

    monkeypatch.setattr(allocations, "sites", missing)
    observed(measurement, 1)
    found = json.loads(files(measurement)["worth_optimising.json"].read_text())
    assert found["allocation_sites"] is None
    assert "memray" in found["not_looked_for"]["allocation_sites"]
    assert found["functions"]


def test_a_workload_without_stages_is_profiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = Sleep(seconds=0.0)
    monkeypatch.setattr(
        profilers, "profiler", lambda _name, _interval: Watcher(work=Work(clock=FakeClock()))
    )
    measurement = Profile()
    measurement.load(plain)
    measurement.open(plain)
    assert {one.name for one in measurement.observe(2)} == {"call_time", "profiled_call"}
    assert "stages.json" not in files(measurement)


def test_a_profiler_that_sees_locks_watches_loading(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sees(Watcher):
        @contextmanager
        def loading(self) -> Iterator[None]:
            work.log.append("watching")
            yield

        def waits(self) -> Sequence[Mapping[str, Any]]:
            return [{"place": "a.py:1", "wait_ms_per_call": 150.0}]

    monkeypatch.setattr(profilers, "profiler", lambda _name, _interval: Sees(work=work))
    measurement = Profile(clock=work.clock)
    measurement.load(work)
    assert work.log == ["watching", "load"]
    measurement.open(work)
    observed(measurement, 1)
    left = files(measurement)
    assert "functions.json" not in left
    found = json.loads(left["worth_optimising.json"].read_text())
    assert found["lock_waits"][0]["place"] == "a.py:1"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (
            {"profiler": "yappi"},
            "profiler=yappi: must be one of pyinstrument, cprofile, torch, runtime, gil",
        ),
        ({"interval_ms": 0}, "interval_ms=0: must be above 0"),
        ({"interval_ms": "1ms"}, "interval_ms=1ms: must be above 0"),
        ({"interval_ms": 1e6}, "and 1000 at most"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Profile(**parameters)

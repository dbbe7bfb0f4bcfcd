"""Memory of a process that is made up: each event takes a known number of bytes."""

import gc
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from embprof.machine import heap, process_memory
from embprof.machine.process_memory import ProcessMemory, Shares
from embprof.measurements.memory import Memory, components
from embprof.model import Samples
from embprof.testing import FakeClock

MB = 1_000_000


@dataclass(kw_only=True)
class Process:
    """Takes and gives back; the mark is set back as the kernel does it."""

    rss: int = 40 * MB
    peak: int = 45 * MB

    def take(self, size: int) -> None:
        self.rss += size
        self.peak = max(self.peak, self.rss)

    def give_back(self, size: int) -> int:
        self.take(-size)
        return size

    def now(self) -> ProcessMemory:
        file = 10 * MB
        return ProcessMemory(rss=self.rss, anonymous=self.rss - file, file=file, peak_rss=self.peak)

    def reset_peak(self) -> bool:
        self.peak = self.rss
        return True


@dataclass(kw_only=True)
class Work:
    """Loading takes 100 MB, the first call keeps 20, every call needs 30 and gives them back.

    Texts are read before the first call, and kept.
    """

    process: Process
    clock: FakeClock
    items: str = "texts"
    corpus: int = 0
    prepared: int = 0
    counted: int = 0
    steps: int = 0

    def load(self) -> None:
        self.clock.advance(2)
        self.process.take(100 * MB)

    def prepare(self, steps: int) -> None:
        if self.prepared == 0:
            self.process.take(self.corpus)
        self.prepared += steps

    def step(self) -> int:
        self.clock.advance(1)
        self.steps += 1
        if self.steps == 1:
            self.process.take(20 * MB)
        self.process.take(30 * MB)
        self.process.take(-30 * MB)
        return 8

    def counts(self) -> Mapping[str, float]:
        self.counted += 1
        return {}

    def close(self) -> None:
        pass


@dataclass(kw_only=True)
class ImportingWork(Work):
    imports: tuple[str, ...] = ("embprof.units", "json")


@dataclass(kw_only=True)
class Bench:
    process: Process = field(default_factory=Process)
    clock: FakeClock = field(default_factory=FakeClock)

    def measurement(self, **parameters: object) -> Memory:
        return Memory(clock=self.clock, **parameters)  # type: ignore[arg-type]

    def work(self) -> Work:
        return Work(process=self.process, clock=self.clock)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench()
    monkeypatch.setattr(process_memory, "now", made.process.now)
    monkeypatch.setattr(process_memory, "read", made.process.now)
    monkeypatch.setattr(process_memory, "reset_peak", made.process.reset_peak)
    monkeypatch.setattr(process_memory, "shares", lambda: Shares(pss=3 * MB, uss=2 * MB))
    monkeypatch.setattr(heap, "in_use", lambda: 7 * MB)
    monkeypatch.setattr(gc, "collect", lambda: 0)
    monkeypatch.setattr(components, "weights", lambda _: None)
    monkeypatch.setattr(components, "tokenizers", lambda _: None)
    return made


def by_name(samples: Sequence[Samples]) -> dict[str, Samples]:
    return {one.name: one for one in samples}


def test_each_call_has_a_high_water_mark_of_its_own(bench: Bench) -> None:
    measurement, work = bench.measurement(), bench.work()
    measurement.load(work)
    measurement.open(work)
    samples = measurement.observe(3)
    assert samples[0].name == "peak_rss"
    assert samples[0].values == (190.0, 190.0, 190.0)
    assert samples[0].summary == "largest"
    found = by_name(samples)
    assert found["steady_rss"].values == (160.0,)
    assert found["rss_delta"].values == (190.0 - 10 - 130,)
    assert found["anonymous"].values == (150.0,)
    assert found["pss"].values == (3.0,)
    assert found["uss"].values == (2.0,)
    assert found["heap_in_use"].values == (7.0,)
    assert found["elapsed"].values == (5.0,)
    assert (found["calls"].values, found["calls"].items) == ((3.0,), (24,))
    assert (work.prepared, work.counted) == (3, 3)


def test_a_corpus_is_no_memory_of_the_service(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heap, "trim", lambda: False)
    without, with_it = bench.work(), bench.work()
    with_it.corpus = 200 * MB
    told: list[dict[str, Samples]] = []
    for work in (without, with_it):
        measurement = bench.measurement()
        measurement.load(work)
        measurement.open(work)
        found = by_name([*measurement.observe(3), *measurement.finish()])
        told.append(found)
        bench.process.take(40 * MB - bench.process.rss)
        bench.process.reset_peak()
    for name in (
        "peak_rss",
        "steady_rss",
        "rss_delta",
        "anonymous",
        "phase_first_call",
        "settled_rss",
    ):
        assert told[0][name].values == told[1][name].values, name
    assert [found["phase_inputs"].values for found in told] == [(0.0,), (200.0,)]


def test_phases_say_what_each_took_and_their_marks(bench: Bench) -> None:
    measurement, work = bench.measurement(), bench.work()
    measurement.load(work)
    measurement.open(work)
    first = by_name(measurement.observe(1))
    assert first["phase_load"].values == (100.0,), "for whoever does not live to see the end"
    assert "phase_load" not in by_name(measurement.observe(1))
    measurement.measuring()
    measurement.observe(1)
    found = by_name(measurement.finish())
    phases = {name: found[f"phase_{name}"].values[0] for name in ("harness", "load", "first_call")}
    assert phases == {"harness": 40.0, "load": 100.0, "first_call": 20.0}
    assert found["phase_warmup"].values == (0.0,)
    assert found["phase_harness_peak"].values == (45.0,)
    assert found["phase_first_call_peak"].values == (190.0,)
    assert found["phase_ends"].values == (0.0, 2.0, 2.0, 3.0, 4.0)
    assert "phase_imports" not in found, "the workload names none"


def test_imports_that_a_workload_names_are_a_phase(bench: Bench) -> None:
    measurement = bench.measurement()
    measurement.load(ImportingWork(process=bench.process, clock=bench.clock))
    assert "imports" in measurement._phases


def test_at_the_end_a_collection_and_a_trim_say_what_they_give_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    measurement, work = bench.measurement(), bench.work()
    measurement.load(work)
    measurement.open(work)
    measurement.observe(1)
    monkeypatch.setattr(gc, "collect", lambda: bench.process.take(-3 * MB))
    monkeypatch.setattr(heap, "trim", lambda: bool(bench.process.give_back(5 * MB)))
    monkeypatch.setattr(components, "weights", lambda _: components.Weights(size=90, resident=60))
    monkeypatch.setattr(components, "tokenizers", lambda _: 6 * MB)
    found = by_name(measurement.finish())
    assert found["gc_freed"].values == (3.0,)
    assert found["trim_freed"].values == (5.0,)
    assert found["settled_rss"].values == (152.0,)
    assert found["weights"].values == (90 / MB,)
    assert found["component_weights"].values == (60 / MB,)
    assert found["component_tokenizer"].values == (6.0,)


def test_without_a_trim_there_is_no_figure_of_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    measurement, work = bench.measurement(), bench.work()
    measurement.load(work)
    measurement.open(work)
    monkeypatch.setattr(heap, "trim", lambda: False)
    assert "trim_freed" not in by_name(measurement.finish())


def test_several_callers_share_a_mark_and_an_iteration_is_a_call_of_each(bench: Bench) -> None:
    measurement, work = bench.measurement(concurrency=4), bench.work()
    measurement.load(work)
    measurement.open(work)
    samples = measurement.observe(2)
    assert len(samples[0].values) == 1
    assert by_name(samples)["calls"].values == (8.0,)
    assert by_name(samples)["calls"].items == (64,)
    assert work.prepared == 8
    measurement.close()


def test_the_history_is_a_line_a_slice(bench: Bench) -> None:
    measurement, work = bench.measurement(), bench.work()
    measurement.load(work)
    measurement.open(work)
    measurement.observe(1)
    measurement.measuring()
    measurement.observe(2)
    (file,) = measurement.close()
    assert file.name == "memory_history.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [row["warmup"] for row in rows] == [True, False]
    assert [row["elapsed_s"] for row in rows] == [3.0, 5.0]
    assert rows[1]["peak_rss_mb"] == 190.0
    assert (rows[1]["calls"], rows[1]["items"]) == (2.0, 16)


def test_a_system_that_tells_less_is_measured_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_memory, "read", lambda: None)
    monkeypatch.setattr(process_memory, "shares", lambda: None)
    monkeypatch.setattr(heap, "in_use", lambda: None)
    measurement, work = bench.measurement(), bench.work()
    measurement.load(work)
    measurement.open(work)
    found = by_name(measurement.observe(1))
    assert set(found) >= {"peak_rss", "steady_rss", "elapsed", "calls"}
    assert not {"rss_delta", "anonymous", "pss", "uss", "heap_in_use"} & set(found)
    assert "no PSS and USS" in str(measurement.description()["memory_not_told"])


def test_a_system_that_tells_all_has_nothing_to_say(bench: Bench) -> None:
    assert bench.measurement().description() == {"memory_not_told": None}


@pytest.mark.parametrize("concurrency", [0, -1, 1.5, True, "8"])
def test_callers_are_a_whole_number(concurrency: object) -> None:
    with pytest.raises(ValueError, match=r"concurrency=.*whole number"):
        Memory(concurrency=concurrency)  # type: ignore[arg-type]


@pytest.mark.parametrize("duration", ["soon", "30m", "", 0, -3, True])
def test_a_duration_is_a_time(duration: object) -> None:
    with pytest.raises(ValueError, match=r"duration=.*30min"):
        Memory(duration=duration)  # type: ignore[arg-type]


def test_memory_needs_an_interpreter_of_its_own() -> None:
    assert Memory().isolation == "fresh"

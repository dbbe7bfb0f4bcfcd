"""What is read of a workload's memory, really; only the time is made up."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from embprof.interface.workload import Workload
from embprof.machine import heap
from embprof.measurements.leak import Leak
from embprof.model import Samples
from embprof.testing import BoundedCache, Cycles, LeaksInC, LeaksInPython, LruFill, Pieces

needs_glibc = pytest.mark.skipif(heap.in_use() is None, reason="another C library")
CALLS = 40


@pytest.fixture
def opened() -> Iterator[Callable[[Workload], Leak]]:
    """A measurement that has warmed up; what it set aside is put back after the test."""
    measurements: list[Leak] = []

    def begin(workload: Workload, clock: Callable[[], float] = lambda: 0.0) -> Leak:
        workload.load()
        measurement = Leak(clock=clock)
        measurements.append(measurement)
        measurement.open(workload)
        measurement.observe(5)
        return measurement

    yield begin
    for measurement in measurements:
        measurement.close()


def named(samples: Sequence[Samples]) -> dict[str, Samples]:
    return {one.name: one for one in samples}


@needs_glibc
@pytest.mark.parametrize("size", [256, 4096])
@pytest.mark.parametrize("kind", [LeaksInPython, LeaksInC])
def test_what_leaks_is_seen(opened: Callable[..., Leak], kind: type[Pieces], size: int) -> None:
    in_use = opened(kind(bytes_a_call=size)).observe(CALLS)[0]
    assert (in_use.name, in_use.unit, in_use.summary) == ("in_use", "MB", "last")
    grown = 1e6 * (in_use.values[-1] - in_use.values[0]) / (CALLS - 1)
    # Blocks that were freed before are used first, and malloc counts those in its cache as in use.
    assert 0.7 * size <= grown <= size + 150


@needs_glibc
@pytest.mark.parametrize("kind", [Pieces, Cycles])
def test_what_is_let_go_is_not_in_use_even_if_it_waits_for_the_collector(
    opened: Callable[..., Leak], kind: type[Pieces]
) -> None:
    in_use = opened(kind(bytes_a_call=10_000)).observe(CALLS)[0]
    assert 1e6 * (in_use.values[-1] - in_use.values[0]) < 10_000


def test_every_call_has_a_value_of_one_call(opened: Callable[..., Leak]) -> None:
    in_use = opened(Pieces()).observe(CALLS)[0]
    assert len(in_use.values) == CALLS
    assert in_use.items == (1,) * CALLS
    assert min(in_use.values) > 0


def test_readings_that_take_as_long_as_calls_are_left_out_but_for_each_tenth(
    opened: Callable[..., Leak],
) -> None:
    # A second between any two looks at the clock: so a call takes one, and so does a reading.
    in_use = opened(Pieces(), clock=itertools.count().__next__).observe(100)[0]
    assert len(in_use.values) == len(in_use.items) == 100
    assert sum(in_use.items) == 100
    assert 0 in in_use.items
    assert max(in_use.items) <= 10
    for value, after, items in zip(in_use.values, in_use.values[1:], in_use.items, strict=False):
        assert items > 0 or value == after, "a call without a reading has the next one"


@dataclass(kw_only=True)
class Ahead(Pieces):
    """Inputs are made ahead, and calls are counted until somebody asks."""

    ready: int = 0
    most_ready: int = 0
    counted: int = 0
    most_counted: int = 0

    def prepare(self, steps: int) -> None:
        self.ready += steps
        self.most_ready = max(self.ready, self.most_ready)

    def step(self) -> int:
        self.ready -= 1
        self.counted += 1
        self.most_counted = max(self.counted, self.most_counted)
        return super().step()

    def counts(self) -> Mapping[str, float]:
        self.counted = 0
        return {}


def test_neither_inputs_made_ahead_nor_counts_pile_up(opened: Callable[..., Leak]) -> None:
    workload = Ahead()
    opened(workload).observe(CALLS)
    assert (workload.most_ready, workload.most_counted) == (1, 1)


def test_a_cache_of_known_bound_that_still_fills_is_named(opened: Callable[..., Leak]) -> None:
    measurement = opened(LruFill(capacity=1000))
    measurement.measuring()
    measurement.observe(CALLS)
    assert named(measurement.finish())["filling_entries"].values == (float(CALLS),)
    filling = f"LruFill._cached: {CALLS + 5} entries of 1000"
    assert measurement.description()["filling_cache"] == filling


def test_a_cache_that_was_full_only_at_the_end_is_named_too(opened: Callable[..., Leak]) -> None:
    measurement = opened(BoundedCache(entries=CALLS))
    measurement.measuring()
    measurement.observe(CALLS)
    assert named(measurement.finish())["filling_entries"].values == (float(CALLS - 5),)


def test_a_leak_beside_a_small_number_is_no_cache_that_fills(opened: Callable[..., Leak]) -> None:
    measurement = opened(LeaksInPython(batch_size=8))
    measurement.measuring()
    measurement.observe(CALLS)
    assert named(measurement.finish())["filling_entries"].values[0] < CALLS / 4
    assert "LeaksInPython" not in str(measurement.description()["filling_cache"])


def test_a_cache_that_was_full_for_long_is_not(opened: Callable[..., Leak]) -> None:
    measurement = opened(LruFill(capacity=CALLS // 2))
    measurement.measuring()
    measurement.observe(CALLS)
    assert named(measurement.finish())["filling_entries"].values[0] < CALLS / 4


@needs_glibc
def test_it_says_what_counts_as_in_use(
    opened: Callable[..., Leak], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "malloc and Python" in str(opened(Pieces()).description()["in_use_counts"])
    monkeypatch.setattr(heap, "in_use", lambda: None)
    elsewhere = opened(Pieces())
    assert "resident memory" in str(elsewhere.description()["in_use_counts"])
    assert elsewhere.observe(3)[0].values[-1] > 1, "MB of this interpreter"

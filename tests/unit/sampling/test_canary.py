"""The canary does the same work each time, and says how long it took."""

import statistics
import time
from collections.abc import Callable

import pytest

from embprof.interface.figures import figures
from embprof.sampling.canary import LENGTH, NAME, STRINGS, Canary


@pytest.fixture(scope="module")
def canary() -> Canary:
    return Canary()


def test_it_sorts_the_same_strings_each_time(canary: Canary) -> None:
    canary.seconds()
    once = canary._work.raw
    canary.seconds()
    assert canary._work.raw == once
    assert canary._unsorted == Canary()._unsorted
    words = [once[at : at + LENGTH] for at in range(0, STRINGS * LENGTH, LENGTH)]
    assert words == sorted(words)


def test_a_reading_is_two_timings_of_a_few_milliseconds(canary: Canary) -> None:
    started = time.perf_counter()
    reading = canary.reading()
    elapsed = time.perf_counter() - started
    assert (reading.name, reading.unit, reading.items) == (NAME, "s", ())
    assert len(reading.values) == 2
    assert 0 < sum(reading.values) <= elapsed
    median = statistics.median(canary.seconds() for _ in range(15))
    assert 2e-4 < median < 0.02, "long enough to feel a neighbour, short beside a slice"


def test_it_appears_in_no_figure(piece: Callable[..., object], canary: Canary) -> None:
    calls = (0.01,) * 5
    plain, watched = piece(*calls), piece(*calls, more=(canary.reading(),))
    assert figures([watched], "texts") == figures([plain], "texts")  # type: ignore[list-item]

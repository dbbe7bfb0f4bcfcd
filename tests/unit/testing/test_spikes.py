"""The workloads that take a known amount of memory."""

import time

import pytest

from embprof.testing import Holds, Spike
from embprof.testing.costs import MEBIBYTE


def test_a_spike_takes_its_memory_for_its_time_and_gives_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    workload = Spike(mebibytes=1, milliseconds=5, batch_size=3)
    workload.load()
    assert workload.step() == 3
    assert slept == [0.005, 0.0]


def test_what_is_held_is_taken_once_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    workload = Holds(loading=2, calling=1)
    workload.load()
    for _ in range(3):
        workload.step()
    assert [len(part) for part in workload._held] == [2 * MEBIBYTE, MEBIBYTE]
    workload.close()
    assert workload._held == []

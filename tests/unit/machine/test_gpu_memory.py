"""Memory of a GPU, from a PyTorch that is made up."""

from types import SimpleNamespace

import pytest

from embprof.machine import gpu_memory

MB = 1_000_000


def test_fragmentation_is_what_was_reserved_and_never_held(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = SimpleNamespace(
        memory_allocated=lambda: 100 * MB,
        max_memory_allocated=lambda: 300 * MB,
        max_memory_reserved=lambda: 400 * MB,
        memory_stats=lambda: {"inactive_split_bytes.all.current": 7 * MB},
    )
    monkeypatch.setattr(gpu_memory, "cuda", lambda: cuda)
    found = {one.name: one.values for one in gpu_memory.memory()}
    assert found == {
        "gpu_steady_allocated": (100.0,),
        "gpu_split": (7.0,),
        "gpu_fragmentation": (25.0,),
    }


def test_a_gpu_that_holds_nothing_has_no_fragmentation(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = {
        name: lambda: 0
        for name in ("memory_allocated", "max_memory_allocated", "max_memory_reserved")
    }
    cuda = SimpleNamespace(**nothing, memory_stats=dict)
    monkeypatch.setattr(gpu_memory, "cuda", lambda: cuda)
    assert [one.values for one in gpu_memory.memory()] == [(0.0,), (0.0,), (0.0,)]


def test_without_a_gpu_there_are_no_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_memory, "cuda", lambda: None)
    assert gpu_memory.memory() == []

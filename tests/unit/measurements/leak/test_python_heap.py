"""Python's small objects, counted by Python itself."""

import os

import pytest

from embprof.measurements.leak.python_heap import PythonHeap


def test_small_objects_are_counted_to_the_byte() -> None:
    python = PythonHeap()
    before = python.in_use()
    if before is None:
        pytest.skip("this Python does not tell")
    kept = [bytes(100) for _ in range(10_000)]  # 133 bytes each, in blocks of 144
    after = python.in_use()
    assert after is not None
    assert after - before == pytest.approx(144 * len(kept), rel=0.01)
    python.close()


def test_what_is_printed_for_it_goes_nowhere_else(capfd: pytest.CaptureFixture[str]) -> None:
    python = PythonHeap()
    python.in_use()
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"
    python.close()


@pytest.mark.parametrize("setting", ["malloc", "malloc_debug"])
def test_where_python_leaves_all_to_the_c_library_it_has_nothing_itself(
    monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv("PYTHONMALLOC", setting)
    assert PythonHeap().in_use() == 0


def test_a_system_that_does_not_tell_is_said_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    assert PythonHeap().in_use() is None

"""Freed memory stays with a process that was told so."""

import ctypes
import platform
import subprocess
import sys
from types import SimpleNamespace

import pytest

from embprof.sampling import allocator

GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
FAULTS = """
import resource
import sys
from embprof.sampling import allocator

if sys.argv[1] == allocator.RETAIN:
    assert allocator.retain_freed_memory()


def work():
    blocks = [b"x" * size for _ in range(25) for size in (1 << 20, 3 << 20)]
    del blocks[::2], blocks


work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(setting: str) -> int:
    """Of work that takes 100 MB and frees it, three times, after a first time."""
    command = [sys.executable, "-c", FAULTS, setting]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@GLIBC
def test_a_process_that_retains_memory_meets_no_page_faults_for_it_again() -> None:
    retained, default = page_faults(allocator.RETAIN), page_faults(allocator.DEFAULT)
    assert retained < 1_000
    assert default > 10_000, "the work would show it"


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    assert allocator.retain_freed_memory() is False


def test_every_setting_is_tried_and_one_that_is_refused_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[int] = []

    def mallopt(what: int, _: int) -> int:
        tried.append(what)
        return int(what != allocator.M_TOP_PAD)

    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(mallopt=mallopt))
    assert allocator.retain_freed_memory() is False
    assert tried == list(allocator.SETTINGS)

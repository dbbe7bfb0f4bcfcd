"""Memory of this very process, as the kernel counts it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from embprof.environment import process_memory

LARGE = 64_000_000

linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


@linux
def test_resident_memory_is_anonymous_and_file_memory_below_its_peak() -> None:
    memory = process_memory.read()
    assert memory is not None
    assert memory.rss == memory.anonymous + memory.file
    assert 0 < memory.rss <= memory.peak_rss


@linux
def test_memory_that_is_taken_is_seen() -> None:
    before = process_memory.read()
    taken = bytearray(b"\1") * LARGE
    during = process_memory.read()
    assert before is not None
    assert during is not None
    assert during.anonymous - before.anonymous >= 0.9 * len(taken)


@linux
def test_the_peak_remembers_memory_that_was_given_back_until_it_is_reset() -> None:
    if not process_memory.reset_peak():
        pytest.skip("this system does not reset peaks")
    start = process_memory.read()
    taken = bytearray(b"\1") * LARGE
    del taken
    after = process_memory.read()
    assert process_memory.reset_peak()
    reset = process_memory.read()
    assert start is not None
    assert after is not None
    assert reset is not None
    assert after.peak_rss - start.rss >= 0.9 * LARGE
    assert reset.peak_rss < after.peak_rss


def test_kilobytes_become_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = tmp_path / "status"
    status.write_text(
        "Name:\tx\nVmHWM:\t     50 kB\nVmRSS:\t     40 kB\nRssAnon:\t 30 kB\n"
        "RssFile:\t  8 kB\nRssShmem:\t  2 kB\n"
    )
    monkeypatch.setattr(process_memory, "STATUS", status)
    assert process_memory.read() == process_memory.ProcessMemory(
        rss=40 * 1024, anonymous=30 * 1024, file=10 * 1024, peak_rss=50 * 1024
    )


@pytest.mark.parametrize("content", [None, "Name:\tx\n"])
def test_without_the_kernels_word_there_is_no_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    status = tmp_path / "status"
    if content is not None:
        status.write_text(content)
    monkeypatch.setattr(process_memory, "STATUS", status)
    assert process_memory.read() is None


def test_a_peak_that_cannot_be_reset_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_memory, "CLEAR_REFS", tmp_path / "gone" / "clear_refs")
    assert not process_memory.reset_peak()

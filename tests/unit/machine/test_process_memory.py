"""Memory of this very process, as the kernel counts it."""

import sys
from pathlib import Path

import pytest

from embprof.machine import process_memory

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


ROLLUP = """\
55e0-7ffd ---p 00000000 00:00 0                          [rollup]
Rss:                1000 kB
Pss:                 600 kB
Pss_Anon:            300 kB
Shared_Clean:        500 kB
Private_Clean:       100 kB
Private_Dirty:       400 kB
"""
MAPS = """\
7f00-7f80 r--p 00000000 08:01 42                         /a folder/model.safetensors
Size:                512 kB
Rss:                 300 kB
Pss:                 150 kB
7f80-7fff r-xp 00000000 08:01 43                         /usr/lib/libtorch.so
Rss:                 999 kB
8000-8100 rw-p 00000000 00:00 0
Rss:                   4 kB
"""


def test_a_shared_page_counts_in_part_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rollup").write_text(ROLLUP)
    monkeypatch.setattr(process_memory, "SMAPS_ROLLUP", tmp_path / "rollup")
    assert process_memory.shares() == process_memory.Shares(pss=600 * 1024, uss=500 * 1024)
    monkeypatch.setattr(process_memory, "SMAPS_ROLLUP", tmp_path / "gone")
    assert process_memory.shares() is None


def test_mapped_files_are_told_with_what_of_them_is_resident(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "smaps").write_text(MAPS)
    monkeypatch.setattr(process_memory, "SMAPS", tmp_path / "smaps")
    assert process_memory.mappings(".safetensors") == [
        process_memory.Mapping(
            start=0x7F00, end=0x7F80, file="/a folder/model.safetensors", resident=300 * 1024
        )
    ]
    monkeypatch.setattr(process_memory, "SMAPS", tmp_path / "gone")
    assert process_memory.mappings(".safetensors") == []


def test_a_system_without_proc_tells_resident_memory_and_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STATUS", "SMAPS_ROLLUP", "CLEAR_REFS"):
        monkeypatch.setattr(process_memory, name, tmp_path / "gone" / "file")
    now = process_memory.now()
    assert now.rss == now.anonymous == now.peak_rss > 1_000_000
    said = "; ".join(process_memory.not_told())
    assert "no high-water marks" in said
    assert "no PSS and USS" in said


def test_marks_that_cannot_be_set_back_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = "VmHWM: 50 kB\nVmRSS: 40 kB\nRssAnon: 30 kB\nRssFile: 8 kB\nRssShmem: 2 kB\n"
    (tmp_path / "status").write_text(status)
    (tmp_path / "rollup").write_text(ROLLUP)
    monkeypatch.setattr(process_memory, "STATUS", tmp_path / "status")
    monkeypatch.setattr(process_memory, "SMAPS_ROLLUP", tmp_path / "rollup")
    monkeypatch.setattr(process_memory, "CLEAR_REFS", tmp_path / "gone" / "clear_refs")
    (said,) = process_memory.not_told()
    assert "since the process began" in said

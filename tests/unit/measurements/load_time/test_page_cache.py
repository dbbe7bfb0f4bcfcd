"""Real files, in and out of the system's memory."""

import mmap
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from embprof.measurements.load_time import page_cache

SIZE = 3_000_000

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells, others do not")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file just written, on a file system that can let go of it."""
    made = tmp_path / "weights.bin"
    made.write_bytes(os.urandom(SIZE))
    if page_cache.evict([str(made)]) != {}:
        pytest.skip("files below the temporary folder live in memory")
    made.read_bytes()
    return made


@pytest.fixture
def held(file: Path) -> Iterator[str]:
    """The path of a file that this process has mapped, and read."""
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as mapping:
        assert sum(mapping[:: mmap.PAGESIZE])
        yield str(file)


def _resident(file: Path | str) -> int | None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        return page_cache.resident(descriptor)
    finally:
        os.close(descriptor)


@linux
def test_a_file_that_was_read_is_in_memory_until_it_is_evicted(file: Path) -> None:
    whole = -(-SIZE // mmap.PAGESIZE) * mmap.PAGESIZE
    assert _resident(file) == whole
    assert page_cache.evict([str(file)]) == {}
    assert _resident(file) == 0


@linux
def test_a_file_that_is_not_on_disk_yet_is_written_and_evicted(file: Path) -> None:
    file.write_bytes(os.urandom(SIZE))
    assert page_cache.evict([str(file)]) == {}
    assert len(file.read_bytes()) == SIZE


@linux
def test_a_file_that_a_process_has_mapped_stays_and_the_process_is_named(
    held: str, tmp_path: Path
) -> None:
    (tmp_path / str(os.getpid())).symlink_to("/proc/self")
    left = page_cache.evict([held])
    assert left is not None
    assert left[held] >= SIZE
    (holder,) = page_cache.holders(left, tmp_path)
    assert holder.pid == os.getpid()
    assert holder.files == (held,)
    assert holder.bytes >= SIZE


@linux
def test_what_this_process_lets_go_of_can_be_evicted_and_is_still_there(held: str) -> None:
    page_cache.let_go()
    assert page_cache.evict([held]) == {}
    assert len(Path(held).read_bytes()) == SIZE


@linux
def test_pages_that_another_processor_has_just_read_can_be_let_go_of(file: Path) -> None:
    processors = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(processors)})
        file.read_bytes()
        with (
            file.open("rb") as opened,
            mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as mapping,
        ):
            assert sum(mapping[:: mmap.PAGESIZE])
            os.sched_setaffinity(0, {max(processors)})
            page_cache.let_go()
            assert page_cache.evict([str(file)]) == {}
    finally:
        os.sched_setaffinity(0, processors)


@linux
def test_both_ways_of_counting_pages_agree(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = _resident(file)
    monkeypatch.setattr(page_cache, "_cachestat", lambda _: None)
    assert _resident(file) == counted


def test_where_nobody_can_tell_that_is_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"content")
    monkeypatch.setattr(page_cache, "SUPPORTED", False)
    assert page_cache.evict([str(tmp_path / "file")]) is None


def test_a_file_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    assert page_cache.evict([str(tmp_path / "gone")]) == {}


def test_files_are_found_below_folders_and_through_links(tmp_path: Path) -> None:
    blob, folder = tmp_path / "blob", tmp_path / "snapshot" / "inner"
    folder.mkdir(parents=True)
    blob.write_text("x")
    (folder / "plain").write_text("x")
    (folder / "link").symlink_to(blob)
    found = set(page_cache.files_below([tmp_path / "snapshot", blob, tmp_path / "nothing"]))
    assert found == {str(blob.resolve()), str((folder / "plain").resolve())}


def test_who_holds_a_file_and_how_much_of_it_is_read_off_smaps(tmp_path: Path) -> None:
    process = tmp_path / "42"
    process.mkdir()
    (process / "cmdline").write_bytes(b"/usr/bin/python\0-m\0service\0")
    (process / "smaps").write_text(
        "7f00-7f01 r-xp 00000000 fe:00 12   /lib/a library.so\n"
        "Size:   900 kB\nKernelPageSize: 4 kB\nRss:      100 kB\nPss:   1 kB\n"
        "7f01-7f02 r--p 00000000 fe:00 12   /lib/a library.so\n"
        "Size:   900 kB\nKernelPageSize: 4 kB\nRss:       20 kB\nPss:   1 kB\n"
        "7f02-7f03 rw-p 00000000 00:00 0 \n"
        "Size:   900 kB\nKernelPageSize: 4 kB\nRss:      555 kB\nPss:   1 kB\n"
        "7f03-7f04 r--p 00000000 fe:00 13   /lib/untouched.so\n"
        "Size:   900 kB\nKernelPageSize: 4 kB\nRss:        0 kB\nPss:   0 kB\n"
    )
    left = {"/lib/a library.so": 900_000, "/lib/untouched.so": 900_000}
    (holder,) = page_cache.holders(left, tmp_path)
    assert holder == page_cache.Holder(
        pid=42,
        command="python -m service",
        files=("/lib/a library.so",),
        bytes=120 * 1024,
    )

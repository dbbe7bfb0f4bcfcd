"""Which parts of files the system keeps in memory, taking them out of it, and who prevents that.

A file that was read once is read from memory from then on, until something else needs the room: a
second start of a service is faster than the one after a boot. ``posix_fadvise(DONTNEED)`` takes a
file's pages out, without root, but for those that are not on disk yet (``fdatasync`` first) and
those that a living process has mapped: a library in use stays, so what was asked for must be
checked. ``cachestat`` (Linux 6.5) counts the pages of a file, ``mincore`` (before that) of a
mapping; both tell whoever may write a file, and not everybody. Names and sizes of files stay known
to the system, so a start after this is a little faster than one after a boot.
Sources: posix_fadvise(2), mincore(2), cachestat(2) in the kernel's Documentation, madvise(2).
"""

import contextlib
import ctypes
import functools
import mmap
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from embprof.machine import process_memory

CACHESTAT = 451
"""System call number, the same on every architecture that has got it since (unistd.h)."""
MADV_PAGEOUT = 21
MAPPED_READ_ONLY = ("r--p", "r-xp", "r--s")
"""Mappings whose pages belong to the file alone."""
SUPPORTED = sys.platform == "linux"


class _Range(ctypes.Structure):
    _fields_ = (("offset", ctypes.c_uint64), ("length", ctypes.c_uint64))


class _Counts(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint64)
        for name in ("cache", "dirty", "writeback", "evicted", "recently_evicted")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process that has files mapped; ``bytes`` is how much of them is in memory."""

    pid: int
    command: str
    files: tuple[str, ...]
    bytes: int


def resident(descriptor: int) -> int | None:
    """Bytes of an open file that are in memory; None where the system does not tell."""
    if not SUPPORTED:
        return None
    pages = _cachestat(descriptor)
    if pages is None:
        pages = _mincore(descriptor)
    return None if pages is None else pages * mmap.PAGESIZE


def files_below(places: Iterable[str | Path]) -> Iterator[str]:
    """Every file in these folders and below, and those of them that are files; links resolved."""
    for place in map(os.path.realpath, places):
        if Path(place).is_file():
            yield place
            continue
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from files_below([entry.path])
                elif entry.is_symlink():
                    yield os.path.realpath(entry.path)
                else:
                    yield entry.path


def evict(files: Iterable[str]) -> dict[str, int] | None:
    """Takes files out of memory; what stays, in bytes, by file. None where nobody could tell."""
    left: dict[str, int] = {}
    for file in files:
        # Gone, a broken link or not ours to read: nobody here would read it either. Or no file.
        with contextlib.suppress(OSError), _opened(file) as descriptor:
            stays = _evict(descriptor)
            if stays is None:
                return None
            if stays:
                left[file] = stays
    return left


@contextlib.contextmanager
def _opened(file: str) -> Iterator[int]:
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _evict(descriptor: int) -> int | None:
    before = resident(descriptor)
    if not before:
        return before
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    if not resident(descriptor):
        return 0
    os.fdatasync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    return resident(descriptor)


def let_go(maps: Path = Path("/proc/self/maps")) -> None:
    """Takes what this process has mapped, and only reads, out of its memory; it comes back as used.

    Pages that no other process has mapped can be evicted then. Needs the right to write the files.
    """
    if not SUPPORTED:
        return
    libc = _libc()
    drained = False
    with contextlib.suppress(OSError):
        for line in maps.read_text("utf-8", "surrogateescape").splitlines():
            addresses, access, *_, file = line.split(maxsplit=5)
            if access in MAPPED_READ_ONLY and file.startswith("/"):
                drained = drained or _drain(file)
                begin, end = (int(address, 16) for address in addresses.split("-"))
                libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), MADV_PAGEOUT)


def _drain(mapped: str) -> bool:
    """Has the kernel empty each processor's list of pages just read; True if the file was there.

    A page on such a list cannot be taken out from another processor. Asking for a file that stays,
    being mapped, makes the kernel empty all of them (its mm/fadvise.c).
    """
    with contextlib.suppress(OSError), _opened(mapped) as descriptor:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        return True
    return False


def holders(left: Mapping[str, int], processes: Path = Path("/proc")) -> list[Holder]:
    """The processes that have pages of these files mapped, those that hold the most first."""
    found = []
    for folder in processes.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            held: Counter[str] = Counter()
            for mapping in process_memory.mappings(smaps=folder / "smaps"):
                if mapping.file in left and mapping.resident:
                    held[mapping.file] += mapping.resident
            if held:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                name, *arguments = command.split() or ["?"]
                found.append(
                    Holder(
                        pid=int(folder.name),
                        command=" ".join([Path(name).name, *arguments[:2]]),
                        files=tuple(file for file, _ in held.most_common()),
                        bytes=held.total(),
                    )
                )
    return sorted(found, key=lambda holder: -holder.bytes)


def _cachestat(descriptor: int) -> int | None:
    everything, counts = _Range(0, 0), _Counts()
    failed = _libc().syscall(
        CACHESTAT, descriptor, ctypes.byref(everything), ctypes.byref(counts), 0
    )
    return None if failed else int(counts.cache)


def _mincore(descriptor: int) -> int | None:
    size = os.fstat(descriptor).st_size
    if size == 0:
        return 0
    libc = _libc()
    pages = -(-size // mmap.PAGESIZE)
    libc.mmap.restype = ctypes.c_void_p
    address = libc.mmap(
        None, ctypes.c_size_t(size), 0, mmap.MAP_SHARED, descriptor, ctypes.c_long(0)
    )
    if address in (None, ctypes.c_void_p(-1).value):
        return None
    try:
        states = (ctypes.c_ubyte * pages)()
        if libc.mincore(ctypes.c_void_p(address), ctypes.c_size_t(size), states):
            return None
        return sum(state & 1 for state in bytes(states))
    finally:
        libc.munmap(ctypes.c_void_p(address), ctypes.c_size_t(size))


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)

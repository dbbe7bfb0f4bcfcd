"""Memory of this process as the kernel counts it, in bytes. None where the system does not tell.

``peak_rss`` is VmHWM, a true high-water mark that no spike escapes; writing 5 to ``clear_refs``
sets it back to the current RSS (proc_pid_clear_refs(5)). In a forked worker the pages shared with
its server count as resident too, so only differences within one worker mean anything there.
"""

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from embprof.machine.files import KIB, counters

STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")
SMAPS = Path("/proc/self/smaps")
SMAPS_ROLLUP = Path("/proc/self/smaps_rollup")
RESET_PEAK = "5"
FIELDS = ("VmHWM", "VmRSS", "RssAnon", "RssFile", "RssShmem")
SHARES = ("Pss", "Private_Clean", "Private_Dirty")
MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+\s*(.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMemory:
    """Bytes resident: in all, anonymous, backed by files (shared memory included), and the peak."""

    rss: int
    anonymous: int
    file: int
    peak_rss: int

    def without(self, size: int) -> Self:
        """The same less so many anonymous bytes."""
        return dataclasses.replace(
            self,
            rss=self.rss - size,
            anonymous=self.anonymous - size,
            peak_rss=self.peak_rss - size,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Bytes resident: ``pss`` counts a page shared by n processes as 1/n, ``uss`` not at all."""

    pss: int
    uss: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A range of addresses backed by a file, and how many bytes of it are resident."""

    start: int
    end: int
    file: str
    resident: int


def read() -> ProcessMemory | None:
    """The memory of this process now."""
    try:
        held = counters(STATUS.read_text("utf-8", "replace"), *FIELDS)
        return ProcessMemory(
            rss=held["VmRSS"],
            anonymous=held["RssAnon"],
            file=held["RssFile"] + held["RssShmem"],
            peak_rss=held["VmHWM"],
        )
    except (OSError, KeyError):
        return None


def reset_peak() -> bool:
    """Sets the high-water mark back to the current RSS; False where the system cannot."""
    try:
        CLEAR_REFS.write_text(RESET_PEAK, "utf-8")
    except OSError:
        return False
    return True


def shares() -> Shares | None:
    """PSS and USS now. The kernel walks every page for it: 1 ms, not between two short calls."""
    try:
        held = counters(SMAPS_ROLLUP.read_text("utf-8", "replace"), *SHARES)
        return Shares(pss=held["Pss"], uss=held["Private_Clean"] + held["Private_Dirty"])
    except (OSError, KeyError):
        return None


def mappings(ending: str = "", smaps: Path | None = None) -> list[Mapping]:
    """Files whose name ends so that are mapped; nothing where the system does not tell.

    ``smaps`` is that of another process, where it is not about this one.
    """
    try:
        lines = (smaps or SMAPS).read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    found: list[Mapping] = []
    is_wanted = False
    for line in lines:
        if (begins := MAPPING.match(line)) is not None:
            start, end, file = begins.groups()
            if is_wanted := file.endswith(ending):
                mapping = Mapping(start=int(start, 16), end=int(end, 16), file=file, resident=0)
                found.append(mapping)
        elif is_wanted and line.startswith("Rss:"):
            resident = int(line.split()[1]) * KIB
            found[-1] = dataclasses.replace(found[-1], resident=resident)
    return found


def now() -> ProcessMemory:
    """As :func:`read`, on any system: without /proc all counts as anonymous, and as the peak."""
    held = read()
    if held is not None:
        return held
    import psutil  # not worth its memory where it is not needed

    rss = int(psutil.Process().memory_info().rss)
    return ProcessMemory(rss=rss, anonymous=rss, file=0, peak_rss=rss)


def taken_by_calls(peak: int, now: ProcessMemory, loaded: ProcessMemory) -> int:
    """What calls took at most beyond what the loaded workload had.

    File pages (mapped weights) come in as they are touched; only anonymous memory is what the calls
    took. The peak counts both, so the file part is taken off it again.
    """
    return peak - now.file - loaded.anonymous


def not_told() -> Iterator[str]:
    """What this system does not say of a process's memory."""
    if read() is None:
        yield "no high-water marks: peaks are what was resident after a call"
    elif not reset_peak():
        yield "high-water marks cannot be set back: peaks are since the process began"
    if shares() is None:
        yield "no PSS and USS"

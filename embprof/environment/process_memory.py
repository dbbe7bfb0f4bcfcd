"""Memory of this process as the kernel counts it, in bytes. None where the system does not tell.

``peak_rss`` is VmHWM, a true high-water mark that no spike escapes; writing 5 to ``clear_refs``
sets it back to the current RSS (proc_pid_clear_refs(5)). In a forked worker the pages shared with
its server count as resident too, so only differences within one worker mean anything there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")
RESET_PEAK = "5"
FIELDS = re.compile(r"^(VmHWM|VmRSS|RssAnon|RssFile|RssShmem):\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMemory:
    """Bytes resident: in all, anonymous, backed by files (shared memory included), and the peak."""

    rss: int
    anonymous: int
    file: int
    peak_rss: int


def read() -> ProcessMemory | None:
    """The memory of this process now."""
    try:
        kilobytes = {name: int(value) for name, value in FIELDS.findall(STATUS.read_text())}
        return ProcessMemory(
            rss=kilobytes["VmRSS"] * 1024,
            anonymous=kilobytes["RssAnon"] * 1024,
            file=(kilobytes["RssFile"] + kilobytes["RssShmem"]) * 1024,
            peak_rss=kilobytes["VmHWM"] * 1024,
        )
    except (OSError, KeyError):
        return None


def reset_peak() -> bool:
    """Sets the high-water mark back to the current RSS; False where the system cannot."""
    try:
        CLEAR_REFS.write_text(RESET_PEAK)
    except OSError:
        return False
    return True

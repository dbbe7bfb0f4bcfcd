"""The system's own files below a root that a test can make up."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Reads ``/proc`` and ``/sys``; what is not there, or may not be read, is None."""

    root: Path = Path("/")

    def text(self, path: str) -> str | None:
        """The file's text without white space around it."""
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return None

    def number(self, path: str) -> int | None:
        """The whole number that the file holds; None when it holds something else."""
        text = self.text(path)
        try:
            return None if text is None else int(text)
        except ValueError:
            return None

    def counters(self, path: str, *names: str) -> Mapping[str, int]:
        """What the file counts, by name; what it does not have is left out."""
        return counters(self.text(path) or "", *names)

    def matching(self, pattern: str) -> list[str]:
        """Paths that fit the pattern, sorted, each as :meth:`text` takes it."""
        return sorted(str(path.relative_to(self.root)) for path in self.root.glob(pattern))


def counters(text: str, *names: str) -> Mapping[str, int]:
    """The numbers of these names in a text with one in each line, those in kB made bytes.

    That is how the kernel writes ``meminfo``, ``vmstat``, ``status``, ``smaps_rollup``, and a
    cgroup's ``cpu.stat`` and ``memory.stat``; what it calls kB is 1024 bytes. All numbers of
    ``status`` would take 30 µs more than a few, after each call of a measurement of memory.
    """
    found = _lines(names).findall(text)
    return {name: int(value) * (KIB if unit else 1) for name, value, unit in found}


@functools.cache
def _lines(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"^({'|'.join(names)}):?\s+(\d+)( kB)?$", re.MULTILINE)


def cpu_list(text: str | None) -> frozenset[int]:
    """The CPUs of a list as the kernel writes it: ``0-3,8`` is {0, 1, 2, 3, 8}."""
    found: set[int] = set()
    for part in (text or "").split(","):
        first, _, last = part.strip().partition("-")
        if first.isdigit():
            found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)

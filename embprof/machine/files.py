"""The system's own files below a root that a test can make up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KIB = 1024
COUNTER = re.compile(r"^(\w+):?\s+(\d+)( kB)?$", re.MULTILINE)
"""A name and a whole number, with a unit or without."""


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

    def counters(self, path: str) -> Mapping[str, int]:
        """What the file counts, by name; nothing where it is not there."""
        return counters(self.text(path) or "")

    def matching(self, pattern: str) -> list[str]:
        """Paths that fit the pattern, sorted, each as :meth:`text` takes it."""
        return sorted(str(path.relative_to(self.root)) for path in self.root.glob(pattern))


def counters(text: str) -> Mapping[str, int]:
    """Numbers of a text with a name and a number in a line, those in kB made bytes.

    That is how the kernel writes ``meminfo``, ``vmstat``, ``status``, ``smaps_rollup``, and a
    cgroup's ``cpu.stat`` and ``memory.stat``; what it calls kB is 1024 bytes.
    """
    return {name: int(value) * (KIB if unit else 1) for name, value, unit in COUNTER.findall(text)}


def cpu_list(text: str | None) -> frozenset[int]:
    """The CPUs of a list as the kernel writes it: ``0-3,8`` is {0, 1, 2, 3, 8}."""
    found: set[int] = set()
    for part in (text or "").split(","):
        first, _, last = part.strip().partition("-")
        if first.isdigit():
            found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)

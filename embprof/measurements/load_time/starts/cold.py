"""Takes what a start will read out of memory before it, and says what did not go.

Nobody knows before a start which files it will read. So all that it can are evicted: what is
installed, the standard library, modules that are imported by name, and every file and folder that
the workload's configuration names. After the start, when it has told what it read, the share that
had stayed in memory is that of these files alone.
"""

import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from embprof.machine.process_facts import INSTALLED
from embprof.measurements.load_time import page_cache

COLD_SHARE = 0.01
"""The share of the bytes of files read that may be in memory before a start called cold."""
WARM_BYTES = 10_000_000
"""Read from disk by a start that may be called warm; one after a boot reads hundreds of MB."""
NAMED = 2
"""Holders and files of each that are named where a start was not cold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evicted:
    """What was taken out of memory: bytes that stayed, by file; None where nobody could tell.

    ``named`` are the files that count as read whatever is seen of it.
    """

    files: frozenset[str]
    named: frozenset[str]
    left: Mapping[str, int] | None

    def share_left(self, read: Sequence[str]) -> float | None:
        """The share of the bytes of evicted files, of those that were ``read``, that had stayed."""
        if self.left is None:
            return None
        files = self._read(read)
        total = sum(Path(file).stat().st_size for file in files if Path(file).is_file())
        return sum(self.left.get(file, 0) for file in files) / total if total else 0.0

    def reason(self, read: Sequence[str]) -> str:
        """Why some stayed: who has which of these files mapped."""
        if self.left is None:
            return "this system does not tell what it keeps in memory"
        mine = self._read(read)
        left = {file: stayed for file, stayed in self.left.items() if file in mine}
        found = page_cache.holders(left)
        if not found:
            files = sorted(left, key=lambda file: -left[file])
            return f"no process holds {_names(files)}, but their file system keeps them in memory"
        return "; ".join(
            f"process {one.pid} ({one.command}) holds {one.bytes / 1e6:.0f} MB: {_names(one.files)}"
            for one in found[:NAMED]
        )

    def _read(self, read: Sequence[str]) -> frozenset[str]:
        return self.files.intersection(map(os.path.realpath, read)) | self.named


def evict(workload: Mapping[str, Any], modules: Sequence[str], more: Sequence[str]) -> Evicted:
    """Takes out of memory all that a start of the workload can read."""
    page_cache.let_go()
    of_workload = frozenset(page_cache.files_below([*file_names(workload), *more]))
    files = of_workload.union(page_cache.files_below(libraries(modules)))
    return Evicted(files=files, named=of_workload, left=page_cache.evict(files))


def libraries(modules: Sequence[str]) -> Iterator[str]:
    """Folders of what is installed and of the standard library; files of single modules."""
    ends = tuple(folder.rstrip("/\\") for folder in INSTALLED)
    yield from (folder for folder in sys.path if folder.endswith(ends))
    for folder in {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}:
        # Another environment's packages may lie below.
        yield from (str(p) for p in Path(folder).iterdir() if f"/{p.name}/" not in INSTALLED)
    for name in modules:
        spec = PathFinder.find_spec(name.partition(".")[0], sys.path)
        if spec is not None:
            yield from spec.submodule_search_locations or [spec.origin or ""]


def file_names(config: object) -> Iterator[str]:
    """Every file and folder that a configuration names."""
    if isinstance(config, Mapping):
        config = list(config.values())
    if isinstance(config, list | tuple):
        for value in config:
            yield from file_names(value)
    elif isinstance(config, str) and "/" in config and Path(config).exists():
        holds_us = Path.cwd().is_relative_to(Path(config).resolve())  # "/" is no model's folder
        if not holds_us:
            yield config


def _names(files: Sequence[str]) -> str:
    named, more = ", ".join(Path(file).name for file in files[:NAMED]), len(files) - NAMED
    return f"{named} and {more} more" if more > 0 else named

"""Disks: a run is on disk before it is anywhere else, so a full one ends a sweep."""

from embprof.doctor.traps.trap import Trap, fine, known, warning
from embprof.machine.facts import Facts

MB = 1_000_000
FOR_RUNS = 1000 * MB
"""Source: a job leaves less than 1 MB in its folder and in MLflow; room for a thousand."""
FOR_TEMPORARY_FILES = 100 * MB
"""Source: sockets, locks and small files of Python's own; a choice."""


def space_for_runs(facts: Facts) -> Trap:
    """Room where runs are kept."""
    advice = "make room, or run from a folder on another disk: mlruns is made where you stand"
    return _space(facts.storage.runs, facts.storage.runs_free, FOR_RUNS, advice)


def temporary_space(facts: Facts) -> Trap:
    """Room where workers and their server meet, and where the lock lies."""
    storage = facts.storage
    advice = f"make room (du -xsh {storage.temporary}/* | sort -h), or set TMPDIR to another disk"
    return _space(storage.temporary, storage.temporary_free, FOR_TEMPORARY_FILES, advice)


def _space(folder: str, free: int | None, enough: int, advice: str) -> Trap:
    seen = f"{known(free) / MB:,.0f} MB free for {folder}"
    return fine(seen) if known(free) >= enough else warning(seen, advice)

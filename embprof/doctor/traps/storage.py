"""Disks: a run is on disk before it is anywhere else, so a full one ends a sweep."""

from embprof.doctor.traps.trap import Trap, fine, warning
from embprof.machine.facts import Facts

MB = 1_000_000
FOR_RUNS = 1000 * MB
"""Source: a job leaves less than 1 MB in its folder and in MLflow; room for a thousand."""
FOR_TEMPORARY_FILES = 100 * MB
"""Source: sockets, locks and small files of Python's own; a choice."""


def space_for_runs(facts: Facts) -> Trap | None:
    """Room where runs are kept."""
    storage = facts.storage
    return _space(
        storage.runs,
        storage.runs_free,
        FOR_RUNS,
        "make room, or run from a folder on another disk: mlruns is made where you stand",
    )


def temporary_space(facts: Facts) -> Trap | None:
    """Room where workers and their server meet, and where the lock lies."""
    storage = facts.storage
    return _space(
        storage.temporary,
        storage.temporary_free,
        FOR_TEMPORARY_FILES,
        f"make room (du -xsh {storage.temporary}/* | sort -h), or set TMPDIR to another disk",
    )


def _space(folder: str, free: int | None, enough: int, advice: str) -> Trap | None:
    if free is None:
        return None
    seen = f"{free / MB:,.0f} MB free for {folder}"
    return fine(seen) if free >= enough else warning(seen, advice)

"""One line per finished run, for the questions that must not open every run's folder.

``embprof plan`` asks how long a question took before, ``resume`` which questions are answered. Ten
thousand lines are read in some 30 ms. The file can be deleted: only those two answers are lost with
it.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from embprof.model import Run, Status

RESUME_PROTOCOL = ("restarts", "iterations")
"""The parts of the protocol that are axes of a sweep: jobs that differ in them are different
jobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is remembered of a run. ``folder`` is relative to its sweep's folder."""

    sweep_id: str
    folder: str
    key: str
    environment: str
    protocol: str
    status: str
    seconds: float
    warmup_seconds: float
    measured_seconds: float


def protocol(config: Mapping[str, Any]) -> str:
    """The parts of the protocol that tell jobs of one key apart."""
    return ",".join(f"{name}={config[name]}" for name in RESUME_PROTOCOL)


def append(index: Path, run: Run) -> None:
    """Adds a run; several processes may do so at once (one write, opened for appending)."""
    entry = Entry(
        sweep_id=run.sweep_id,
        folder=run.run_id.partition("/")[2],
        key=run.key,
        environment=run.environment,
        protocol=protocol(run.config),
        status=run.status,
        seconds=round(run.seconds.get("total", 0.0), 3),
        warmup_seconds=round(run.seconds.get("warmup", 0.0), 3),
        measured_seconds=round(run.seconds.get("measured", 0.0), 3),
    )
    index.parent.mkdir(parents=True, exist_ok=True)
    with index.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(entry)) + "\n")


def read(index: Path) -> Iterator[Entry]:
    """Every entry, oldest first; a line that a killed process cut off is left out."""
    if not index.exists():
        return
    with index.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            with contextlib.suppress(ValueError, TypeError):
                yield Entry(**json.loads(line))


def answered(index: Path, sweep_id: str) -> dict[tuple[str, str, str], Entry]:
    """What a sweep has answered: by key, environment and protocol."""
    return {
        (entry.key, entry.environment, entry.protocol): entry
        for entry in read(index)
        if entry.sweep_id == sweep_id and entry.status == Status.OK
    }


def durations(index: Path) -> dict[str, float]:
    """Seconds that each key took when it was last answered, most recent first in importance."""
    return {entry.key: entry.seconds for entry in read(index) if entry.status == Status.OK}

"""The folder of a sweep: what was asked, and the runs that answered so far."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from embprof.race import Standing
from embprof.tracking.folder import JOB, RUN, comparison_digest, read_json, write_json
from embprof.tracking.places import Places
from embprof.tracking.races import read_races, standing_digest, standing_of

SWEEP = "sweep.json"
LOGGED = "mlflow.json"
REPORT, PAGE = "report", "report.html"
"""Folder of the documents that are made of the sweep at its end, and the one to look at."""
KIND = "kind"
GATE = "gate"
"""Kind of a sweep that measured two arms in turn; ordinary ones have no kind, or ``sweep``."""


def new_sweep_id() -> str:
    """Sorts by time, is short enough to type, and differs between sweeps of one second."""
    return f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def newest_first(places: Places) -> Iterator[SweepFolder]:
    """The sweeps that are there, newest first; gates are left out."""
    return (folder for folder in every_newest_first(places) if not folder.is_gate)


def every_newest_first(places: Places) -> Iterator[SweepFolder]:
    """The sweeps and gates that are there, by their ids, which sort by time."""
    ids = sorted((file.parent.name for file in places.sweeps.glob(f"*/{SWEEP}")), reverse=True)
    return (SweepFolder(path=places.sweep(sweep_id)) for sweep_id in ids)


def mlflow_id(folder: Path) -> str | None:
    """The id that MLflow gave the run, or the sweep, of a folder; None where it has not got it."""
    content: dict[str, Any] = {}
    if (folder / SWEEP).is_file():
        content = read_json(folder / SWEEP).get("tracking", {})
    elif (folder / LOGGED).is_file():
        content = read_json(folder / LOGGED)
    return content.get("run_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepFolder:
    """Files below ``mlruns/sweeps/<sweep_id>``."""

    path: Path

    @property
    def sweep_id(self) -> str:
        """The sweep's id is its folder's name."""
        return self.path.name

    @property
    def is_gate(self) -> bool:
        """Whether its jobs are two arms: those of even number A, those of odd number B."""
        return self.read().get(KIND) == GATE

    def read(self) -> dict[str, Any]:
        """What is known of the sweep as a whole."""
        content: dict[str, Any] = read_json(self.path / SWEEP)
        return content

    def write(self, content: Mapping[str, Any]) -> None:
        """Replaces what is known of the sweep as a whole."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_json(self.path / SWEEP, content)

    def update(self, **changes: Any) -> None:
        """Changes some of what is known."""
        self.write({**self.read(), **changes})

    def job_folders(self) -> Iterator[Path]:
        """Folders in which measuring began, those of a resumed part last, in order of number."""
        files = self.path.glob(f"*/{JOB}"), self.path.glob(f"resumed-*/*/{JOB}")
        for part in files:
            yield from sorted((file.parent for file in part), key=_in_order)

    def unfinished(self) -> Iterator[Path]:
        """Folders of jobs that began and have no answer."""
        return (folder for folder in self.job_folders() if not (folder / RUN).exists())

    def unlogged(self) -> Iterator[Path]:
        """Folders of answers that MLflow has not got."""
        return (
            folder
            for folder in self.job_folders()
            if (folder / RUN).exists() and not (folder / LOGGED).exists()
        )

    def uncompared(self) -> Iterator[Path]:
        """Folders of logged answers with a comparison that MLflow has not got."""
        for folder in self.job_folders():
            digest = comparison_digest(folder)
            logged = folder / LOGGED
            if digest is None or not logged.exists():
                continue
            if read_json(logged).get("comparison") != digest:
                yield folder

    def unranked(self) -> Iterator[tuple[Path, Standing]]:
        """Folders of logged answers with a place in a race that MLflow has not got, and that."""
        if not read_races(self.path):
            return
        for folder in self.job_folders():
            run_id = f"{self.sweep_id}/{folder.relative_to(self.path).as_posix()}"
            standing, logged = standing_of(run_id, self.path), folder / LOGGED
            if standing is None or not logged.exists():
                continue
            if read_json(logged).get("standing") != standing_digest(standing):
                yield folder, standing

    def next_part(self) -> str:
        """Folder of the jobs run when the sweep is next taken up again: resumed-1, resumed-2."""
        numbers = (part.name.partition("-")[2] for part in self.path.glob("resumed-*"))
        taken = [int(number) for number in numbers if number.isdigit()]
        return f"resumed-{max(taken, default=0) + 1}"


def _in_order(folder: Path) -> tuple[int, int]:
    """By number of the resumed part, then by number of the job."""
    part = folder.parent.name.partition("resumed-")[2]
    return int(part or 0), int(folder.name) if folder.name.isdigit() else 0

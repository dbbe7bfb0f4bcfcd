"""A stored sweep as the rows of its tables, read from its folder alone."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from embprof.model import Job, Run, Status
from embprof.report.rows import Row
from embprof.tracking.folder import read_comparison, read_run
from embprof.tracking.races import standing_of
from embprof.tracking.sweep_folder import SweepFolder

ARMS = "AB"


def rows(sweep: SweepFolder) -> list[Row]:
    """One row per job, in the order that was asked for, with its answer where it has one.

    Of a gate the rows of both arms, told apart by a value ``arm`` as if it had been asked for.
    """
    content = sweep.read()
    runs = [run for folder in sweep.job_folders() if (run := read_run(folder)) is not None]
    measurements = {
        run.overrides: str(run.config.get("measurement", {}).get("_target_", "")) for run in runs
    }
    found = []
    for stored in content["jobs"]:
        job = _job(stored, measurements)
        run = _answer(job, runs)
        if sweep.is_gate:  # both arms may ask the same, of other code
            run = next((one for one in runs if one.number == job.number), None)
            arm = f"arm={ARMS[job.number % 2]}"
            job = dataclasses.replace(job, overrides=(arm, *job.overrides))
        comparison = None if run is None else read_comparison(run_folder(sweep, run))
        standing = None if run is None else standing_of(run.run_id, sweep.path)
        found.append(Row(job=job, run=run, comparison=comparison, standing=standing))
    return found


def run_folder(sweep: SweepFolder, run: Run) -> Path:
    """Where a run of a sweep is kept."""
    return sweep.path / run.run_id.partition("/")[2]


def _job(stored: Mapping[str, Any], measurements: Mapping[tuple[str, ...], str]) -> Job:
    overrides = tuple(stored["overrides"])
    known = stored.get("measurement") or measurements.get(overrides)
    if known is None and len(set(measurements.values())) == 1:
        (known,) = set(measurements.values())
    return Job(
        number=stored["number"],
        overrides=overrides,
        config={} if known is None else {"measurement": {"_target_": known}},
        key=stored["key"],
        environment=stored["environment"],
        fingerprint={},
        skip=stored["skip"],
    )


def _answer(job: Job, runs: Sequence[Run]) -> Run | None:
    """The run that answers a job: of those in several parts of a resumed sweep one that is ok.

    A part may have asked in other words (``max_seconds`` was changed), or have numbered otherwise.
    """
    about = [
        run
        for run in runs
        if (run.key, run.environment) == (job.key, job.environment)
        and (run.overrides == job.overrides or run.number == job.number)
    ]

    def rank(at: int) -> tuple[bool, bool, int]:
        return about[at].overrides == job.overrides, about[at].status == Status.OK, at

    return about[max(range(len(about)), key=rank)] if about else None

"""Finishes what a killed process left open: its unfinished job, its sweep, its runs in MLflow.

A sweep puts a file into ``mlruns/active`` for as long as it runs. One whose process is gone was
killed: the job it was measuring becomes *interrupted*, with the figures of whatever slices it had
kept.
"""

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from filelock import FileLock

from embprof.errors import TrackingError
from embprof.interface.figures import figures, seconds_spent
from embprof.interface.subjects import supporting_of
from embprof.machine import fingerprint, resources
from embprof.masking import mask_file
from embprof.model import Run, Status
from embprof.tracking import folder as files
from embprof.tracking import index
from embprof.tracking.folder import read_json
from embprof.tracking.logbook import replay
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import SWEEP, SweepFolder
from embprof.units import utc_now

KILLED = "the sweep's process was killed"


@contextmanager
def active(places: Places, sweep_id: str) -> Iterator[None]:
    """Marks a sweep as running; the mark stays only if this process is killed."""
    mark = places.active / f"{sweep_id}.json"
    mark.parent.mkdir(parents=True, exist_ok=True)
    process = {
        "hostname": platform.node(),
        "boot_id": resources.boot_id(),
        "pid": os.getpid(),
        "process_started": resources.process_start(os.getpid()),
    }
    files.write_json(mark, process)
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)


def recover(places: Places, *, say: Callable[[str], None]) -> None:
    """Finishes every sweep whose process is gone; one that lives is left alone."""
    if not places.active.is_dir() or not any(places.active.iterdir()):
        return
    with FileLock(places.root / ".recovery.lock"):
        for mark in sorted(places.active.glob("*.json")):
            if not _is_alive(mark):
                _finish(places, SweepFolder(path=places.sweep(mark.stem)), say)
                mark.unlink(missing_ok=True)


def is_running(places: Places, sweep_id: str) -> bool:
    """Whether a sweep is being measured at this moment."""
    mark = places.active / f"{sweep_id}.json"
    return mark.exists() and _is_alive(mark)


def _is_alive(mark: Path) -> bool:
    try:
        written = read_json(mark)
    except FileNotFoundError:
        return False
    if written["hostname"] != platform.node():
        return True  # on another machine that shares this folder: not ours to judge
    if written["boot_id"] != resources.boot_id():
        return False
    start = resources.process_start(written["pid"])
    return start is not None and start == written["process_started"]


def _finish(places: Places, sweep: SweepFolder, say: Callable[[str], None]) -> None:
    if not (sweep.path / SWEEP).exists():
        return
    for folder in list(sweep.unfinished()):
        if (folder / files.LOG).exists():
            mask_file(folder / files.LOG)
        run = _interrupted(folder, sweep)
        files.write_run(folder, run)
        index.append(places.index, run)
    if sweep.read()["status"] is None:
        status = Status.INTERRUPTED.value
        sweep.update(status=status, ended=utc_now(), end_tags={"embprof.status": status})
    again = "run the gate again" if sweep.is_gate else f"resume={sweep.sweep_id}"
    say(f"sweep {sweep.sweep_id} was killed; what it had measured is kept ({again})")
    try:
        replay(places, sweep, say=lambda _: None)
    except TrackingError as error:
        say(f"{error}\nIts runs stay in the outbox: embprof sync")


def _interrupted(folder: Path, sweep: SweepFolder) -> Run:
    job = read_json(folder / files.JOB)
    config = yaml.safe_load((folder / files.CONFIG).read_text("utf-8"))
    hard = read_json(folder / files.ENVIRONMENT)["hard"]
    described = folder / files.DESCRIPTION
    description = read_json(described) if described.exists() else {}
    slices = list(files.read_slices(folder))
    spent = seconds_spent(slices)
    return Run(
        run_id=f"{sweep.sweep_id}/{folder.relative_to(sweep.path)}",
        sweep_id=sweep.sweep_id,
        number=job["number"],
        overrides=tuple(job["overrides"]),
        config=config,
        key=job["key"],
        environment=fingerprint.digest(hard),
        status=Status.INTERRUPTED,
        reason=KILLED,
        started=job["started"],
        ended=utc_now(),
        seconds={"total": sum(spent.values()), **spent},
        figures=figures(slices, description.get("items", "items"), supporting_of(config)),
        stamps=(),
        stop=None,
        steady=None,
        description=description,
    )

"""Takes up a sweep again: which one is meant, and which of its questions are answered.

A question is answered when the sweep has a run of the same key, environment and axes of the
protocol with status ok. Only the rest is run, into a folder ``resumed-N`` of the same sweep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from embprof.errors import RequestError
from embprof.model import Job
from embprof.tracking import index
from embprof.tracking.places import Places
from embprof.tracking.recovery import is_running
from embprof.tracking.sweep_folder import SWEEP, SweepFolder

KEY = "resume"
LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request with ``resume=`` taken out of it; ``folder`` is the sweep that is taken up."""

    overrides: tuple[str, ...]
    multirun: bool
    folder: SweepFolder | None


def read(overrides: Sequence[str], places: Places, *, multirun: bool) -> Request:
    """The request behind the overrides: with ``resume=``, what that sweep was asked, and changes.

    Raises RequestError when there is no such sweep, or it is still running.
    """
    others = tuple(line for line in overrides if _key(line) != KEY)
    wanted = [line.partition("=")[2] for line in overrides if _key(line) == KEY]
    if not wanted or wanted[-1] in ("", "null"):
        return Request(overrides=others, multirun=multirun, folder=None)
    sweep_id = newest_sweep(places) if wanted[-1] == LAST else wanted[-1]
    folder = SweepFolder(path=places.sweep(sweep_id or ""))
    if sweep_id is None or not (folder.path / SWEEP).exists():
        raise RequestError([f"{KEY}={wanted[-1]}: there is no such sweep in {places.sweeps}"])
    if is_running(places, sweep_id):
        raise RequestError([f"{KEY}={wanted[-1]}: sweep {sweep_id} is still running"])
    asked = folder.read()
    changed = {_key(line) for line in others}
    kept = tuple(line for line in asked["overrides"] if _key(line) not in changed)
    return Request(overrides=kept + others, multirun=multirun or asked["multirun"], folder=folder)


def newest_sweep(places: Places) -> str | None:
    """The sweep that was started last; their ids sort by time."""
    sweeps = (file.parent.name for file in places.sweeps.glob(f"*/{SWEEP}"))
    return max(sweeps, default=None)


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0]


def answered(jobs: Sequence[Job], request: Request, places: Places) -> Mapping[int, index.Entry]:
    """Number of each job that needs no run, with the entry of the run that answers it."""
    if request.folder is None:
        return {}
    known = index.answered(places.index, request.folder.sweep_id)
    return {
        job.number: known[question]
        for job in jobs
        if (question := (job.key, job.environment, index.protocol(job.config))) in known
    }

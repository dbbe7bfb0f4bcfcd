"""Takes up a sweep again: which one is meant, and which of its questions are answered.

A question is answered when the sweep has a run of the same key, environment and axes of the
protocol with status ok. Only the rest is run, into a folder ``resumed-N`` of the same sweep.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from embprof.config import override
from embprof.errors import RequestError
from embprof.masking import MASK
from embprof.model import Job
from embprof.tracking import index
from embprof.tracking.places import Places
from embprof.tracking.recovery import is_running
from embprof.tracking.sweep_folder import SWEEP, SweepFolder, newest_first

KEY = "resume"
LAST = "last"
QUESTION = "question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request with ``resume=`` taken out of it; ``folder`` is the sweep that is taken up."""

    overrides: tuple[str, ...]
    multirun: bool
    folder: SweepFolder | None


def read(overrides: Sequence[str], places: Places, *, multirun: bool) -> Request:
    """The request behind the overrides: with ``resume=``, what that sweep was asked, and changes.

    Raises RequestError when there is no such sweep, it was a gate, or it is still running.
    """
    given = override.by_key(overrides)
    others = tuple(line for line in overrides if override.parse(line).key != KEY)
    wanted = given[KEY].meant if KEY in given else ""
    if wanted in ("", "null"):
        return Request(overrides=others, multirun=multirun, folder=None)
    folder = _wanted(wanted, places)
    if folder is None:
        raise RequestError([f"{KEY}={wanted}: there is no such sweep in {places.sweeps}"])
    if folder.is_gate:
        raise RequestError([f"{KEY}={wanted}: this was a gate; run the gate again"])
    if is_running(places, folder.sweep_id):
        raise RequestError([f"{KEY}={wanted}: sweep {folder.sweep_id} is still running"])
    before = folder.read()
    kept = tuple(line for line in before["overrides"] if override.parse(line).key not in given)
    hidden = [one.signed_key for one in map(override.parse, kept) if MASK in one.text]
    if needed := [key for key in hidden if key != QUESTION]:
        raise RequestError(
            [f"{KEY}={wanted}: secrets are stored nowhere; give again: {', '.join(needed)}"]
        )
    return Request(overrides=kept + others, multirun=multirun or before["multirun"], folder=folder)


def _wanted(name: str, places: Places) -> SweepFolder | None:
    """The sweep of that id; ``last`` is the one that was started last, gates left out."""
    if name == LAST:
        return next(newest_first(places), None)
    folder = SweepFolder(path=places.sweep(name))
    return folder if (folder.path / SWEEP).exists() else None


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

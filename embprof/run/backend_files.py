"""What the backends of a sweep run, made before its first job where it is not there yet.

It takes seconds to minutes and is no part of what is measured. What cannot be made is the reason of
those rows alone.
"""

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embprof.backends.finding import KEY, made
from embprof.backends.kept_files import KeptFiles
from embprof.config import plugins
from embprof.errors import BuildError, WorkerError
from embprof.interface import nested
from embprof.interface.backend import Builds
from embprof.interface.network import Model
from embprof.machine import own_process
from embprof.machine.fingerprint import digest
from embprof.model import Job, Status
from embprof.models import weights
from embprof.run.found_weights import with_weights
from embprof.units import duration

BUILD = "embprof.backends.building.build"
DRAWN = ("corpus", "text_length", "seed")
"""What decides which texts a backend is calibrated with, beside the model."""
Found = Mapping[str, str | BuildError]
"""The folder of what was made, or why it could not be, by the digest of the backend's workload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Files that a backend needs.

    ``owner``: the workload that it is a part of; ``jobs``: the numbers of those that need them.
    """

    owner: Mapping[str, Any]
    task: str
    backend: Builds
    files: KeptFiles
    jobs: tuple[int, ...]

    @property
    def name(self) -> str:
        """``onnx int8 of all-MiniLM-L6-v2``."""
        backend, model = self.owner[KEY], self.owner[nested.MODEL]
        return f"{backend['name']} {backend['dtype']} of {str(model['name']).rpartition('/')[2]}"


def wanted(jobs: Sequence[Job]) -> list[Wanted]:
    """All that the backends of these jobs need, there or not; equal ones once."""
    found: dict[Path, Wanted] = {}
    for job in jobs:
        for owner, task in _owners(job.config["workload"]):
            one = _wanted(job, owner, task)
            if one is None:
                continue
            known = found.setdefault(one.files.folder, one)
            numbers = dict.fromkeys((*known.jobs, job.number))
            found[one.files.folder] = dataclasses.replace(known, jobs=tuple(numbers))
    return list(found.values())


def made_ready(
    jobs: Sequence[Job],
    found_weights: Mapping[str, weights.Weights],
    logs: Path,
    say: Callable[[str], None],
) -> Found:
    """Makes what is not there yet; ``logs``: where the log of each making is kept.

    Raises KeyboardInterrupt on ctrl-C; what was being made then is not there.
    """
    found: dict[Path, str | BuildError] = {}
    for one in wanted(jobs):
        owner = with_weights(one.owner, found_weights)
        found[one.files.folder] = _made(one, owner, logs, say)
    return {
        digest(owner): found[one.files.folder]
        for job in jobs
        for owner, task in _owners(job.config["workload"])
        for one in [_wanted(job, owner, task)]
        if one is not None
    }


def with_files(workload: Mapping[str, Any], found: Found) -> dict[str, Any]:
    """The workload's configuration with the folders of what was made.

    Raises WorkerError where that could not be.
    """
    here = found.get(digest(workload))
    if isinstance(here, BuildError):
        raise WorkerError(Status.FAILED, str(here))
    inner: dict[str, Any] = {
        key: with_files(value, found)
        if isinstance(value, Mapping) and key != nested.ARGUMENTS
        else value
        for key, value in workload.items()
    }
    return inner if here is None else {**inner, KEY: {**inner[KEY], "folder": here}}


def _owners(workload: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Every part of a workload, or the whole, that runs a model on a backend; and what for."""
    for place, node in nested.find(workload, KEY):
        owner, task = nested.at(workload, place[:-1]), plugins.task(workload, place)
        if "_target_" in node and nested.MODEL in owner and task is not None:
            yield owner, task


def _wanted(job: Job, owner: Mapping[str, Any], task: str) -> Wanted | None:
    backend = made(owner[KEY])
    if not isinstance(backend, Builds):
        return None
    model = Model(**owner[nested.MODEL])
    made_of: dict[str, Any] = {
        "backend": backend.identity(),
        "model": weights.identity(model, seed=owner["seed"]),
        "task": task,
    }
    if count := backend.calibration():
        drawn = {key: owner.get(key) for key in DRAWN}
        texts = job.fingerprint["corpus_sha256"]
        made_of["calibration"] = {"count": count, "texts": texts, **drawn}
    files = KeptFiles(kind=str(owner[KEY]["name"]), made_of=made_of)
    return Wanted(owner=owner, task=task, backend=backend, files=files, jobs=(job.number,))


def _made(
    one: Wanted, owner: Mapping[str, Any], logs: Path, say: Callable[[str], None]
) -> str | BuildError:
    folder = one.files.folder
    if one.files.is_there:
        return str(folder)
    usual, began = one.backend.usual_seconds(), time.monotonic()
    say(f"making {one.name}, once (about {duration(usual)}) …")
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{folder.name}.log"

    def fill(empty: Path) -> None:
        request = {"owner": owner, "task": one.task, "folder": str(empty)}
        own_process.call(BUILD, request, log=log, say=lambda text: say(f"  {text}"))

    try:
        one.files.make(fill)
    except BuildError as error:
        reason = f"{one.name} cannot be made: {error}"
        say(f"{reason} (log: {log})")
        return BuildError(reason)
    say(f"made in {duration(time.monotonic() - began)}")
    return str(folder)

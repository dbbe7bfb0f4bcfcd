"""What the backends of a sweep run, made before its first job where it is not there yet.

It takes seconds to minutes and is no part of what is measured. What cannot be made is the reason of
those rows alone.
"""

import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
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
from embprof.machine.fingerprint import digest
from embprof.model import Job, Status
from embprof.models import weights
from embprof.run.workshop import Workshop
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
        """What it is called."""
        return name_of(self.owner)


def name_of(owner: Mapping[str, Any]) -> str:
    """What a model on its backend is called: ``onnx int8 of all-MiniLM-L6-v2``."""
    backend, model = owner[KEY], owner[nested.MODEL]
    return f"{backend['name']} {backend['dtype']} of {str(model['name']).rpartition('/')[2]}"


def wanted(jobs: Sequence[Job]) -> list[Wanted]:
    """All that the backends of these jobs need, there or not; equal ones once."""
    found: dict[Path, Wanted] = {}
    for one in _needs(jobs):
        known = found.setdefault(one.files.folder, one)
        numbers = tuple(dict.fromkeys((*known.jobs, *one.jobs)))
        found[one.files.folder] = dataclasses.replace(known, jobs=numbers)
    return list(found.values())


def made_ready(jobs: Sequence[Job], workshop: Workshop) -> Found:
    """Makes what is not there yet.

    Raises KeyboardInterrupt on ctrl-C; what was being made then is not there.
    """
    needs = list(_needs(jobs))
    found: dict[Path, str | BuildError] = {}
    for one in needs:
        if one.files.folder not in found:
            found[one.files.folder] = _made(one, workshop)
    return {digest(one.owner): found[one.files.folder] for one in needs}


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


def _needs(jobs: Sequence[Job]) -> Iterator[Wanted]:
    """What each job needs, for every part of its workload that runs a model on a backend."""
    for job in jobs:
        workload = job.config["workload"]
        for place, node in nested.find(workload, KEY):
            owner, task = nested.at(workload, place[:-1]), plugins.task(workload, place)
            if "_target_" not in node or nested.MODEL not in owner or task is None:
                continue
            backend = made(node)
            if isinstance(backend, Builds):
                yield Wanted(
                    owner=owner,
                    task=task,
                    backend=backend,
                    files=_files(job, owner, task, backend),
                    jobs=(job.number,),
                )


def _files(job: Job, owner: Mapping[str, Any], task: str, backend: Builds) -> KeptFiles:
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
    return KeptFiles(kind=backend.name, made_of=made_of)


def _made(one: Wanted, workshop: Workshop) -> str | BuildError:
    folder, say = str(one.files.folder), workshop.say
    if one.files.is_there:
        return folder
    usual, began = one.backend.usual_seconds(), time.monotonic()
    say(f"making {one.name}, once (about {duration(usual)}) …")
    try:
        workshop.make(one.files, BUILD, one.owner, task=one.task)
    except BuildError as error:
        reason = f"{one.name} cannot be made: {error}"
        say(f"{reason} (log: {workshop.log(one.files)})")
        return BuildError(reason)
    say(f"made in {duration(time.monotonic() - began)}")
    return folder

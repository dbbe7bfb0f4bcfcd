"""Whether the rows of a sweep answer as the reference does, found out before they are measured.

A row is as fast as it is whatever it answers, so it is measured; but where its answers are not
those of the reference it competes with nobody. Answers depend on model, backend and type and not on
the batch size, so they are compared once for all rows that share these, and kept on disk.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embprof.backends.finding import KEY, made
from embprof.backends.kept_files import KeptFiles
from embprof.config.parity import LABELLED, is_compared, labelled_sha256
from embprof.errors import BuildError, WorkerError
from embprof.interface import nested
from embprof.interface.network import Model
from embprof.machine import resources
from embprof.machine.process_facts import installed_version
from embprof.model import Job, Samples
from embprof.models import weights
from embprof.parity import checking
from embprof.parity.figures import figures
from embprof.report.targets import lost
from embprof.run.backend_files import DRAWN, Found, name_of, with_files
from embprof.run.workshop import Workshop
from embprof.units import duration

REFERENCE = "embprof.parity.checking.reference"
READINGS = "embprof.parity.checking.readings"
DECIDING = (*DRAWN, "truncation", "prompt", "normalize", "device")
"""What decides answers beside model and backend, the reference's too."""
OWN = ("truncate_dim",)
"""What decides a row's own answers alone: the reference's vectors are whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """How a job's answers agree with the reference's, text by text.

    ``fault`` says why they could not be compared; ``samples`` are none then.
    """

    samples: tuple[Samples, ...] = ()
    fault: str | None = None

    def loss(self, config: Mapping[str, Any]) -> str | None:
        """What a job is held to of its answers and does not keep; None where it keeps all."""
        if self.fault is not None:
            return self.fault
        found = figures({one.name: one.values for one in self.samples})
        return next((target.sentence for target in lost(config, found)), None)


def compared(jobs: Sequence[Job], files: Found, workshop: Workshop) -> Mapping[int, Parity]:
    """Compares the answers of those jobs for which it makes sense; by their numbers.

    Raises KeyboardInterrupt on ctrl-C.
    """
    checks = {job.number: _check(job) for job in jobs if is_compared(job.config)}
    found: dict[Path, Parity] = {}
    for one in checks.values():
        if one.own.folder not in found:
            found[one.own.folder] = _compared(one, files, workshop)
    return {number: found[one.own.folder] for number, one in checks.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """A comparison of answers.

    ``owner``: the workload that embeds; ``reference``: ``count`` texts at most, odd ones and those
    of ``labelled`` queries, and their vectors; ``own``: how the workload's own vectors agree.
    """

    owner: Mapping[str, Any]
    count: int
    labelled: str | None
    reference: KeptFiles
    own: KeptFiles


def _check(job: Job) -> _Check:
    """The comparison that a job asks for; equal ones have equal files."""
    owner, count = job.config["workload"], job.config["parity"]["texts"]
    model = Model(**owner[nested.MODEL])
    texts = {
        "version": checking.VERSION,
        "count": count,
        "corpus_sha256": job.fingerprint["corpus_sha256"],
        "model": weights.identity(model, seed=owner["seed"]),
        "labelled_sha256": labelled_sha256(job.config),
        **{key: owner.get(key) for key in DECIDING},
    }
    made_of = {
        "texts": texts,
        "backend": owner[KEY],
        **{key: owner.get(key) for key in OWN},
        "versions": {name: installed_version(name) for name in made(owner[KEY]).imports()},
        "cpu": resources.cpu_flags_sha256(),
    }
    return _Check(
        owner=owner,
        count=count,
        labelled=job.config["parity"][LABELLED],
        reference=KeptFiles(kind="reference", made_of=texts),
        own=KeptFiles(kind="parity", made_of=made_of),
    )


def _compared(one: _Check, files: Found, workshop: Workshop) -> Parity:
    if not one.own.is_there:
        name, say, began = _name(one.owner), workshop.say, time.monotonic()
        try:
            owner = with_files(one.owner, files)
        except WorkerError as error:  # it is told already why there are none
            return Parity(fault=str(error))
        say(f"comparing the answers of {name} with the reference, once …")
        try:
            whole = {**one.owner, **{key: None for key in OWN if key in one.owner}}
            told = {"labelled": one.labelled}
            workshop.make(one.reference, REFERENCE, whole, count=one.count, **told)
            known = str(one.reference.folder)
            workshop.make(one.own, READINGS, owner, reference=known, **told)
        except BuildError as error:
            fault = f"the answers of {name} could not be compared: {error}"
            say(f"{fault} (log: {workshop.log(one.own)})")
            return Parity(fault=fault)
        say(f"compared in {duration(time.monotonic() - began)}")
    content = json.loads((one.own.folder / checking.READINGS).read_text(encoding="utf-8"))
    read = (Samples(**{**row, "values": tuple(row["values"])}) for row in content)
    return Parity(samples=tuple(read))


def _name(owner: Mapping[str, Any]) -> str:
    """``torch float32 of all-MiniLM-L6-v2 in 64 numbers``."""
    cut = owner.get("truncate_dim")
    return f"{name_of(owner)}{'' if cut is None else f' in {cut} numbers'}"

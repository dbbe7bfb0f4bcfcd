"""Whether the rows of a sweep answer as the reference does, found out before they are measured.

A row is as fast as it is whatever it answers, so it is measured; but where its answers are not
those of the reference it competes with nobody. Answers depend on model, backend and type and not on
the batch size, so they are compared once for all rows that share these, and kept on disk.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from embprof.backends.finding import KEY, made
from embprof.backends.kept_files import KeptFiles
from embprof.config.parity import is_compared, minima
from embprof.errors import BuildError, WorkerError
from embprof.interface import nested
from embprof.interface.network import Model
from embprof.machine import own_process, resources
from embprof.machine.process_facts import installed_version
from embprof.model import Job, Samples
from embprof.models import weights
from embprof.parity import checking
from embprof.run.backend_files import DRAWN, Found, with_files
from embprof.run.found_weights import with_weights
from embprof.units import duration, metric_name, number

REFERENCE = "embprof.parity.checking.reference"
READINGS = "embprof.parity.checking.readings"
DECIDING = (*DRAWN, "truncation", "normalize", "device")
"""What decides answers beside model and backend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """How a job's answers agree with the reference's, text by text.

    ``fault`` says why they could not be compared; ``samples`` are none then.
    """

    samples: tuple[Samples, ...] = ()
    fault: str | None = None

    def loss(self, config: Mapping[str, Any]) -> str | None:
        """Which of the least shares that a job is held to its answers do not keep."""
        if self.fault is not None:
            return self.fault
        for name, least in minima(config).items():
            one = next(one for one in self.samples if metric_name(one.name, one.unit) == name)
            kept = fmean(one.values)
            if kept < least:
                return f"{name} is {number(kept)}, wanted at least {number(least)}"
        return None


def compared(
    jobs: Sequence[Job],
    found_weights: Mapping[str, weights.Weights],
    files: Found,
    logs: Path,
    say: Callable[[str], None],
) -> Mapping[int, Parity]:
    """Compares the answers of those jobs for which it makes sense; by their numbers.

    Raises KeyboardInterrupt on ctrl-C.
    """
    wanted = [
        _Check(job=job, weights=found_weights, files=files)
        for job in jobs
        if is_compared(job.config)
    ]
    found: dict[Path, Parity] = {}
    for one in wanted:
        if one.own.folder not in found:
            found[one.own.folder] = _compared(one, logs, say)
    return {one.job.number: found[one.own.folder] for one in wanted}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """One job's answers, and the reference for them."""

    job: Job
    weights: Mapping[str, weights.Weights]
    files: Found

    @property
    def owner(self) -> Mapping[str, Any]:
        """The workload that embeds."""
        workload: Mapping[str, Any] = self.job.config["workload"]
        return workload

    @property
    def name(self) -> str:
        """``onnx int8 of all-MiniLM-L6-v2``."""
        backend, model = self.owner[KEY], self.owner[nested.MODEL]
        return f"{backend['name']} {backend['dtype']} of {str(model['name']).rpartition('/')[2]}"

    @property
    def reference(self) -> KeptFiles:
        """Texts, and their vectors."""
        return KeptFiles(kind="reference", made_of=self._texts)

    @property
    def own(self) -> KeptFiles:
        """How the job's own vectors agree."""
        backend = made(self.owner[KEY])
        versions = {name: installed_version(name) for name in backend.imports()}
        made_of = {
            "texts": self._texts,
            "backend": self.owner[KEY],
            "versions": versions,
            "cpu": resources.cpu_flags_sha256(),
        }
        return KeptFiles(kind="parity", made_of=made_of)

    @property
    def _texts(self) -> dict[str, Any]:
        model = Model(**self.owner[nested.MODEL])
        return {
            "version": checking.VERSION,
            "count": self.job.config["parity"]["texts"],
            "corpus_sha256": self.job.fingerprint["corpus_sha256"],
            "model": weights.identity(model, seed=self.owner["seed"]),
            **{key: self.owner.get(key) for key in DECIDING},
        }


def _compared(one: _Check, logs: Path, say: Callable[[str], None]) -> Parity:
    own, reference = one.own, one.reference
    if not own.is_there:
        began = time.monotonic()
        say(f"comparing the answers of {one.name} with the reference, once …")
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{own.folder.name}.log"

        def ask(function: str, owner: Mapping[str, Any], folder: Path, **more: Any) -> None:
            request = {"owner": owner, "folder": str(folder), **more}
            own_process.call(function, request, log=log, say=lambda text: say(f"  {text}"))

        def embed_reference(empty: Path) -> None:
            count = one.job.config["parity"]["texts"]
            ask(REFERENCE, with_weights(one.owner, one.weights), empty, count=count)

        def compare(empty: Path) -> None:
            owner = with_weights(with_files(one.owner, one.files), one.weights)
            ask(READINGS, owner, empty, reference=str(reference.folder))

        try:
            if not reference.is_there:
                reference.make(embed_reference)
            own.make(compare)
        except (BuildError, WorkerError) as error:
            fault = f"the answers of {one.name} could not be compared: {error}"
            say(f"{fault} (log: {log})")
            return Parity(fault=fault)
        say(f"compared in {duration(time.monotonic() - began)}")
    content = json.loads((own.folder / checking.READINGS).read_text(encoding="utf-8"))
    read = (Samples(**{**row, "values": tuple(row["values"])}) for row in content)
    return Parity(samples=tuple(read))

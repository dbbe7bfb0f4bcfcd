"""The whole sweep before its first job: what will be asked, on what, and what cannot be.

``plan`` either returns every job, ready to run, or raises one RequestError with every problem of
the request. Files are read and hashed here, models are looked up; nothing is measured and torch is
not imported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate

from embprof.config import checks
from embprof.config.compose import ComposedJob, compose
from embprof.config.network import Model
from embprof.config.references import UnresolvedError, missing, resolve
from embprof.config.schema import HOUSEKEEPING_KEYS, PROTOCOL_KEYS
from embprof.environment import fingerprint, machine
from embprof.errors import EmbprofError, RequestError
from embprof.model import Job
from embprof.models import weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every job of a request. ``multirun`` says whether it was asked as a sweep.

    ``notes`` are what is worth a second look though nothing is wrong with it.
    """

    jobs: tuple[Job, ...]
    multirun: bool
    weights: Mapping[str, weights.Weights]
    notes: tuple[str, ...] = ()

    @property
    def settings(self) -> Mapping[str, Any]:
        """The values that hold for the sweep as a whole (tracking, resume), from its first job."""
        return self.jobs[0].config


def plan(overrides: Sequence[str], *, multirun: bool = False, download: bool = True) -> Plan:
    """The jobs of a request; raises RequestError with every problem found.

    ``download`` False leaves the hub alone: models that only the hub has count as missing then.
    """
    composition = compose(overrides, multirun=multirun)
    problems = dict.fromkeys(composition.problems)
    inputs = _Inputs(download=download, problems=problems)
    jobs: list[Job] = []
    for composed in composition.jobs:
        config = _resolve(composed, problems)
        if config is not None:
            jobs.append(_job(len(jobs), composed.overrides, config, inputs))
    problems.update(dict.fromkeys(_unavailable(jobs)))
    if not jobs and not problems:
        problems["the sweep has no jobs: one of its keys was given no values"] = None
    if problems:
        raise RequestError(list(problems))
    notes = dict.fromkeys(note for composed in composition.jobs for note in checks.unused(composed))
    return Plan(
        jobs=tuple(jobs),
        multirun=composition.multirun,
        weights=inputs.weights,
        notes=tuple(notes),
    )


def key(config: Mapping[str, Any]) -> str:
    """Twelve hex digits that name the question, whatever protocol answers it."""
    left_out = PROTOCOL_KEYS | HOUSEKEEPING_KEYS
    return fingerprint.digest({k: v for k, v in config.items() if k not in left_out})


def model_id(config: Mapping[str, Any]) -> str:
    """What tells one model configuration from another within a plan."""
    return fingerprint.digest(config["model"])


def _resolve(composed: ComposedJob, problems: dict[str, None]) -> dict[str, Any] | None:
    """The job's complete configuration; None, with the problems noted, when it has none."""
    found = [f"{name}: must be given" for name in missing(composed.config)]
    config = None
    try:
        config = resolve(composed.config)
    except UnresolvedError as error:
        found.append(str(error))
    if config is not None:
        found.extend(checks.schema_problems(config))
        if not found:
            problems.update(dict.fromkeys(checks.combination_problems(config)))
            problems.update(dict.fromkeys(checks.time_problems(config)))
            problems.update(dict.fromkeys(checks.plugin_problems(config)))
    problems.update(dict.fromkeys(found))
    return None if found else config


class _Inputs:
    """Weights and corpora of a plan, each looked up and hashed once."""

    def __init__(self, *, download: bool, problems: dict[str, None]) -> None:
        self.download = download
        self.problems = problems
        self.weights: dict[str, weights.Weights] = {}
        self._seen: dict[str, Any] = {}

    def weights_of(self, config: Mapping[str, Any]) -> weights.Weights | None:
        if "model" not in config["workload"]:
            return None
        name = model_id(config)
        found: weights.Weights | None = self._once(
            f"model {name}",
            lambda: weights.find(Model(**config["model"]), download=self.download),
        )
        if found is not None:
            self.weights[name] = found
        return found

    def corpus_sha256(self, config: Mapping[str, Any]) -> str:
        if "corpus" not in config["workload"]:
            return "none"
        corpus = config["corpus"]
        name = f"corpus {fingerprint.digest(corpus)}"
        if corpus["_target_"].startswith(checks.OWN_PREFIX):
            return str(self._once(name, lambda: instantiate(corpus).fingerprint()))
        # Another's corpus may import anything; its configuration stands for its texts until the
        # worker, which may, has asked it.
        return str(self._once(name, lambda: hashlib.sha256(name.encode()).hexdigest()))

    def _once(self, name: str, look_up: Callable[[], Any]) -> Any:
        if name not in self._seen:
            try:
                self._seen[name] = look_up()
            except (EmbprofError, ValueError) as error:
                self._seen[name] = None
                self.problems[str(error)] = None
            except InstantiationException as error:
                self._seen[name] = None
                self.problems[str(error.__cause__ or error)] = None
        return self._seen[name]


def _job(number: int, overrides: tuple[str, ...], config: dict[str, Any], inputs: _Inputs) -> Job:
    found = inputs.weights_of(config)
    if found is not None:
        inputs.problems.update(dict.fromkeys(checks.truncation_problems(config, found.folder)))
    hard = fingerprint.hard(
        device=config["device"],
        threads=config["threads"] or machine.cpus_usable(),
        wait_policy=machine.wait_policy(config["wait_policy"]),
        allocator=config["allocator"],
        dtype=config["backend"]["dtype"],
        batch_size=config["batch_size"],
        text_length=config["text_length"],
        weights_sha256=found.sha256 if found else None,
        tokenizer_sha256=found.tokenizer_sha256 if found else None,
        corpus_sha256=inputs.corpus_sha256(config),
    )
    return Job(
        number=number,
        overrides=overrides,
        config=config,
        key=key(config),
        environment=fingerprint.digest(hard),
        fingerprint=hard,
        skip=machine.why_unavailable(config["device"]),
    )


def _unavailable(jobs: Sequence[Job]) -> list[str]:
    """Devices that are not there, as problems, for the jobs that do not want to be skipped."""
    return [
        f"device={job.config['device']}: {job.skip} (strict=true makes that an error)"
        for job in jobs
        if job.skip and job.config["strict"]
    ]

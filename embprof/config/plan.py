"""The whole sweep before its first job: what will be asked, on what, and what cannot be.

``plan`` either returns every job, ready to run, or raises one RequestError with every problem of
the request. Files are read and hashed here, models are looked up; nothing is measured and torch is
not imported.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embprof.backends import finding
from embprof.config import checks, heavy_classes, impossible, parity, plugins
from embprof.config.compose import compose
from embprof.config.composition import ComposedJob, Composition
from embprof.config.inputs import TRUST, Inputs, models
from embprof.config.key_roles import (
    HOUSEKEEPING_KEYS,
    LATER_KEYS,
    LATER_PARAMETERS,
    PROTOCOL_KEYS,
    THROUGH_WORKLOAD_KEYS,
)
from embprof.config.options import OF_MODELS
from embprof.config.plugins import plugin_problems
from embprof.config.races import objective_problems, race_problems
from embprof.config.references import UnresolvedError, missing, resolve
from embprof.config.wanted_figures import figure_problems
from embprof.errors import RequestError
from embprof.interface import nested
from embprof.machine import fingerprint, resources
from embprof.masking import learn_of, masked_override
from embprof.model import Job
from embprof.models import weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every job of a request. ``multirun`` says whether it was asked as a sweep.

    ``weights`` are by :func:`embprof.config.inputs.model_id`.
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
    return checked(compose(overrides, multirun=multirun), download=download)


def checked(composition: Composition, *, download: bool = True) -> Plan:
    """As :func:`plan`, of jobs that are composed already."""
    with heavy_classes.one_process():
        return _checked(composition, download=download)


def _checked(composition: Composition, *, download: bool) -> Plan:
    problems = dict.fromkeys(composition.problems)
    inputs = Inputs(download=download, problems=problems)
    jobs: list[Job] = []
    refused: dict[int, list[str]] = {}
    for composed in composition.jobs:
        config = _resolve(composed, problems)
        if config is not None:
            problems.update(dict.fromkeys(objective_problems(config)))
            said = [*checks.unheeded(composed), *plugin_problems(config)]
            if not said:
                problems.update(dict.fromkeys(parity.problems(config)))
            # What a plug-in reads is asked of the plug-in, which must take its parameters first.
            contents = "none" if said else inputs.contents_sha256(config)
            job = _job(len(jobs), composed.overrides, config, inputs, contents)
            said += inputs.refused
            if not (said or job.skip):
                said = plugins.backend_problems(config)
            refused[job.number] = said
            jobs.append(job)
    cannot_be = impossible.combinations([job.overrides for job in jobs], refused)
    problems.update(dict.fromkeys(impossible.mistakes(refused, cannot_be)))
    for job in jobs:
        skip = f"device={job.config['device']}: {job.skip}" if job.skip else None
        if (why := skip or cannot_be.get(job.number)) and job.config["strict"]:
            problems[f"{why} (strict=true makes that an error)"] = None
    jobs = [dataclasses.replace(job, skip=job.skip or cannot_be.get(job.number)) for job in jobs]
    problems.update(dict.fromkeys(figure_problems([job.config for job in jobs])))
    if not jobs and not problems:
        problems["the sweep has no jobs: one of its keys was given no values"] = None
    if problems:
        raise RequestError(list(problems))
    remarks = (
        one
        for job in jobs
        if not job.skip
        for one in (*plugins.remarks(dict(job.config)), *parity.remarks(job.config))
    )
    unused = (note for composed in composition.jobs for note in checks.unused(composed))
    return Plan(
        jobs=tuple(jobs),
        multirun=composition.multirun,
        weights=inputs.weights,
        notes=tuple(dict.fromkeys([*unused, *inputs.notes, *remarks])),
    )


def key(config: Mapping[str, Any]) -> str:
    """Twelve hex digits that name the question, whatever protocol answers it."""
    left_out = PROTOCOL_KEYS | HOUSEKEEPING_KEYS | THROUGH_WORKLOAD_KEYS
    asked = {name: value for name, value in config.items() if name not in left_out}
    asked |= {"workload": _as_before(asked.get("workload", {}))}
    unsaid = [name for name in LATER_KEYS if asked.get(name) is None]
    return fingerprint.digest({k: v for k, v in asked.items() if k not in unsaid})


def _as_before(node: Mapping[str, Any]) -> dict[str, Any]:
    """The node without what is null and could not be said when jobs were first stored."""
    runs_model = isinstance(node.get(nested.MODEL), Mapping)
    return {
        name: _as_before(value) if isinstance(value, Mapping) else value
        for name, value in node.items()
        if not (runs_model and value is None and name in LATER_PARAMETERS)
    }


def _resolve(composed: ComposedJob, problems: dict[str, None]) -> dict[str, Any] | None:
    """The job's complete configuration; None, with the problems noted, when it has none."""
    lacking = missing(composed.config)
    found = [f"{name}: must be given" for name in lacking if name not in composed.left_out]
    config = None
    try:
        config = resolve(composed.config)
    except UnresolvedError as error:
        found.append(str(error))
    if config is not None:
        found.extend(checks.schema_problems(config))
        config = _without_refusal(config)
        if not found:
            problems.update(dict.fromkeys(checks.combination_problems(config)))
            problems.update(dict.fromkeys(checks.time_problems(config)))
            problems.update(dict.fromkeys(race_problems(config)))
    problems.update(dict.fromkeys(found))
    return None if found or lacking else config


def _without_refusal(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration with no word of trust in foreign code where there is none.

    Jobs that were stored before anybody could say so ask the same question.
    """

    def said(model: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in model.items() if key != TRUST or value}

    for group in OF_MODELS:
        config = nested.replaced(config, group, said)
    return config


def _job(
    number: int,
    overrides: tuple[str, ...],
    config: dict[str, Any],
    inputs: Inputs,
    contents_sha256: str,
) -> Job:
    learn_of(config)
    found = inputs.weights_of(config)
    hard = fingerprint.hard(
        device=config["device"],
        threads=resources.threads(config["threads"]),
        wait_policy=resources.wait_policy(config["wait_policy"]),
        allocator=config["allocator"],
        dtype=config["backend"]["dtype"],
        batch_size=config["batch_size"],
        text_length=config["text_length"],
        weights_sha256=_joined(one.sha256 for _, one in found),
        tokenizer_sha256=_joined(one.tokenizer_sha256 for _, one in found),
        corpus_sha256=contents_sha256,
    )
    hard |= _runtimes(config)
    if found:
        files = fingerprint.model_files((place, one.files) for place, one in found)
        hard[fingerprint.MODEL_FILES] = files
    if trusted := [".".join(place) for place, model in models(config) if model.get(TRUST)]:
        hard[TRUST] = " ".join(trusted)
    return Job(
        number=number,
        overrides=tuple(map(masked_override, overrides)),
        config=config,
        key=key(config),
        environment=fingerprint.digest(hard),
        fingerprint=hard,
        skip=resources.why_unavailable(config["device"]),
    )


def _runtimes(config: Mapping[str, Any]) -> dict[str, str]:
    """What computes in place of PyTorch: of that nothing was said before there was a choice."""
    names = {str(node["name"]) for _, node in nested.find(config["workload"], finding.KEY)}
    others = sorted(names - {"torch"})
    return {finding.KEY: " ".join(others)} if others else {}


def _joined(hashes: Iterable[str | None]) -> str | None:
    """The hashes of one or more models as one word; None where there are none."""
    return " ".join(dict.fromkeys(one for one in hashes if one is not None)) or None

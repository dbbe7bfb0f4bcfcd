"""The whole sweep before its first job: what will be asked, on what, and what cannot be.

``plan`` either returns every job, ready to run, or raises one RequestError with every problem of
the request. Files are read and hashed here, models are looked up; nothing is measured and torch is
not imported.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.errors import InstantiationException

from embprof.backends import finding
from embprof.config import checks, heavy_classes, impossible, model_axes, parity, plugins
from embprof.config.compose import compose
from embprof.config.composition import ComposedJob, Composition
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
from embprof.errors import EmbprofError, RequestError
from embprof.interface import faults, nested
from embprof.interface.network import Model
from embprof.machine import fingerprint, resources
from embprof.masking import learn_of, masked_override
from embprof.model import Job
from embprof.models import fitness, foreign_code, positions, weights

TRUST = "trust_remote_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every job of a request. ``multirun`` says whether it was asked as a sweep.

    ``weights`` are by :func:`model_id`.
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
    inputs = _Inputs(download=download, problems=problems)
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


def model_id(model: Mapping[str, Any]) -> str:
    """What tells one model's configuration from another's within a plan."""
    return fingerprint.digest(model)


def models(config: Mapping[str, Any]) -> list[tuple[nested.Place, Mapping[str, Any]]]:
    """Every model that the job's workload, or a part of it, runs, and where it stands."""
    return list(nested.find(config["workload"], nested.MODEL))


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


class _Inputs:
    """Weights and corpora of a plan, each looked up and hashed once."""

    def __init__(self, *, download: bool, problems: dict[str, None]) -> None:
        self.download = download
        self.problems = problems
        self.weights: dict[str, weights.Weights] = {}
        self.notes: dict[str, None] = {}
        self.refused: list[str] = []  # of the models of the last job that was looked at
        self._seen: dict[str, Any] = {}

    def weights_of(self, config: Mapping[str, Any]) -> list[tuple[nested.Place, weights.Weights]]:
        """Place and weights of each of the job's models, in the order of its configuration."""
        every = []
        self.refused = []
        for place, model in models(config):
            groups = [group for group in OF_MODELS if model == config[group]]
            key = groups[0] if groups else ".".join(("workload", *place))
            found = self._weights(model, key)
            if found is not None:
                every.append((place, found))
                task = plugins.task(config["workload"], place)
                self.problems.update(dict.fromkeys(self._unfit(model, found, task, key)))
                known = model["architecture"] if found.saved is None else found.saved.config
                too_long = positions.problems(known or {}, config["truncation"])
                self.problems.update(dict.fromkeys(too_long))
                if task == fitness.EMBED:
                    about = (config["workload"], place, found.saved)
                    self.refused += dict.fromkeys(model_axes.problems(*about))
                    self.notes.update(dict.fromkeys(model_axes.notes(*about)))
        return every

    def _unfit(
        self, model: Mapping[str, Any], found: weights.Weights, task: str | None, key: str
    ) -> Iterator[str]:
        """Why the model that was found cannot do what it is for."""
        name, saved = str(model["name"]), found.saved
        self.notes.update(dict.fromkeys(found.notes(name, embeds=task == fitness.EMBED)))
        if saved is None:
            return
        is_trusted = bool(model.get(TRUST))
        yield from foreign_code.problems(saved, is_trusted=is_trusted, key=key, name=name)
        taken = foreign_code.notes(saved, is_trusted=is_trusted, key=key, name=name)
        self.notes.update(dict.fromkeys(taken))
        if task in fitness.TASKS:
            yield from fitness.problems(saved, task, weights=model["weights"], key=key, name=name)

    def contents_sha256(self, config: Mapping[str, Any]) -> str:
        """The hash of all that the job reads beside weights: texts, files of statements."""
        nodes = nested.plugins(config["workload"])
        found = [self._content_sha256(place[-1], node) for place, node in nodes]
        known = list(dict.fromkeys(one for one in found if one is not None))
        if len(known) > 1:
            return hashlib.sha256(" ".join(known).encode()).hexdigest()
        return known[0] if known else "none"

    def _weights(self, model: Mapping[str, Any], key: str) -> weights.Weights | None:
        name = model_id(model)
        found: weights.Weights | None = self._once(
            f"model {name}", lambda: weights.find(Model(**model), download=self.download, key=key)
        )
        if found is not None:
            self.weights[name] = found
        return found

    def _content_sha256(self, key: str, node: Mapping[str, Any]) -> str | None:
        """The hash of what a plug-in inside a workload reads; None if it reads nothing."""
        name = f"content {fingerprint.digest(node)}"
        target = str(node["_target_"])

        def contents() -> tuple[str | None, str | None]:
            nothing: tuple[str | None, str | None] = None, None
            return faults.ask(
                target,
                "its fingerprint",
                lambda: plugins.contents(node),
                nothing,
                passing=(EmbprofError, ValueError, OSError, InstantiationException),
            )

        found, note = self._once(name, contents) or (None, None)
        if note is not None:
            self.notes[note] = None
        if found is None and key == nested.CORPUS:
            # Of a corpus that tells nothing of its texts its configuration stands for them.
            return hashlib.sha256(name.encode()).hexdigest()
        return None if found is None else str(found)

    def _once(self, name: str, look_up: Callable[[], Any]) -> Any:
        if name not in self._seen:
            try:
                self._seen[name] = look_up()
            except (EmbprofError, ValueError, OSError, InstantiationException) as error:
                cause = error.__cause__ if isinstance(error, InstantiationException) else None
                self._seen[name] = None
                self.problems[str(cause or error)] = None
        return self._seen[name]


def _job(
    number: int,
    overrides: tuple[str, ...],
    config: dict[str, Any],
    inputs: _Inputs,
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

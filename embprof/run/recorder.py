"""One job's answer in the making: its folder, its slices, and in the end its run.

Whoever measures (a job by itself, two arms in turn) starts workers from :meth:`Recorder.spec`,
keeps slices here the moment they exist, and asks for the run when it is over, however it ended.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from embprof.config.inputs import model_id, models
from embprof.config.plugins import is_light
from embprof.config.wanted_figures import wanted
from embprof.interface import faults, nested
from embprof.interface.conclusion import Conclusion
from embprof.interface.conclusions import conclude
from embprof.interface.figure import wants_more
from embprof.interface.figures import figures, seconds_spent
from embprof.interface.subjects import subjects_of, supporting_of
from embprof.machine import fingerprint, resources, validity
from embprof.machine.process_facts import Facts
from embprof.masking import masked, masked_text
from embprof.model import Figure, Job, Run, Slice, Stamp, Status
from embprof.models.weights import Weights
from embprof.report.targets import alerts
from embprof.run.backend_files import Found, with_files
from embprof.run.ending import Ending
from embprof.run.found_weights import with_weights
from embprof.run.parity_checks import Parity
from embprof.run.services import Addresses, addressed
from embprof.sampling.isolation import Workers, worker_environment
from embprof.sampling.messages import Observed, Opened, WorkerSpec
from embprof.sampling.sampler import Sampled
from embprof.statistics.trend import drifts
from embprof.tracking.folder import RunFolder
from embprof.units import utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the jobs of a sweep share.

    ``weights`` by the model's id; addresses of ``services``; ``files`` that backends run; how
    answers agree (``parity``) by the job's number.
    """

    sweep_id: str
    workers: Workers
    weights: Mapping[str, Weights]
    progress: Callable[[str], None]
    services: Addresses = field(default_factory=dict)
    files: Found = field(default_factory=dict)
    parity: Mapping[int, Parity] = field(default_factory=dict)


@dataclass(eq=False)
class Recorder:
    """What one job has shown so far."""

    job: Job
    folder: RunFolder
    context: Context
    slices: list[Slice] = field(default_factory=list, init=False)
    stamps: list[Stamp] = field(default_factory=list, init=False)
    sampled: list[Sampled] = field(default_factory=list, init=False)
    description: dict[str, Any] = field(default_factory=dict, init=False)
    load_seconds: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.subjects = subjects_of(self.job.config)
        self._has_compute_threads = True
        self._started, self._clock = utc_now(), time.monotonic()

    def begin(self) -> None:
        """Writes what is known before measuring."""
        names = {field.name for field in dataclasses.fields(self.job)} - {"config", "fingerprint"}
        known = {name: getattr(self.job, name) for name in sorted(names)}
        environment = {"hard": dict(self.job.fingerprint), "soft": fingerprint.soft()}
        job = {"sweep_id": self.context.sweep_id, "started": self._started, **known}
        self.folder.begin(job, masked(self.job.config), environment)

    def spec(self, *, fresh: bool) -> WorkerSpec:
        """What this job's workers are started with, in this interpreter.

        Raises WorkerError where what its backend runs could not be made.
        """
        config = self.job.config
        workload = with_files(config["workload"], self.context.files)
        workload = with_weights(workload, self.context.weights)
        workload = addressed(workload, self.context.services)
        threads = resources.threads(config["threads"])
        offline = any(model_id(model) in self.context.weights for _, model in models(config))
        return WorkerSpec(
            workload=workload,
            measurement=config["measurement"],
            threads=threads,
            environment=worker_environment(threads, config["wait_policy"], offline=offline),
            log=str(self.folder.log),
            fresh=fresh,
            memory_limit_mb=config["memory_limit_mb"],
            allocator=config["allocator"],
            light=is_light(config),
        )

    def opened(self, opened: Opened) -> None:
        """Keeps what a worker said when its workload was loaded."""
        self.description = masked({**opened.description, **self._inputs()})
        self.folder.describe(self.description)
        self.load_seconds += opened.load_seconds
        self._has_compute_threads = opened.imported_torch or opened.restarts_every_call

    def ran(self, facts: Facts) -> None:
        """Keeps what a worker says that it ran; another interpreter has libraries of its own."""
        if "torch" in facts.packages:
            self.description["torch"] = facts.packages["torch"]
        if facts.code_sha256 is not None:
            self.description["code_sha256"] = facts.code_sha256
        self.description |= masked(facts.found)

    def keep(self, piece: Slice) -> None:
        """Keeps a slice, on disk first."""
        self.folder.keep(piece)
        self.slices.append(piece)

    def stamp(
        self, before: validity.Counters, after: validity.Counters, *, own_cpu_seconds: float
    ) -> None:
        """Adds what happened around the measurement between two readings."""
        self.stamps += validity.stamps(
            before,
            after,
            own_cpu_seconds=own_cpu_seconds,
            threads=int(self.description["threads"]) if self._has_compute_threads else 1,
            cpus=resources.cpus_usable(),
            wait_policy=str(self.description["wait_policy"]),
        )

    def end_restart(
        self,
        restart: int,
        sampled: Sampled,
        before: validity.Counters,
        *,
        own_cpu_seconds: float,
    ) -> None:
        """Keeps how a restart went, and what happened around it since ``before``."""
        self.sampled.append(sampled)
        self.stamp(before, validity.read(), own_cpu_seconds=own_cpu_seconds)
        if sampled.steady is False:
            self.stamps.append(Stamp(mark="W", detail="still a trend at warmup.max_seconds"))
        mine = self.measured(restart)
        readings = [value for piece in mine for value in piece.samples[0].values]
        if readings and min(readings) > 0 and drifts(readings):
            self.stamps.append(Stamp(mark="D", detail="more than 5 % from beginning to end"))

    def measured(self, restart: int) -> list[Slice]:
        """The slices of a restart without its warm-up."""
        return [piece for piece in self.slices if piece.restart == restart and not piece.warmup]

    def wants_more(self) -> bool:
        """Whether too little was measured yet for a figure that a target or a limit is set on."""
        names = wanted(self.job.config)
        if not names:
            return False
        with faults.collected():  # told when the run is concluded
            found = self._figures()[0]
        return any(one.name in names and wants_more(one) for one in found)

    def finish(self, ending: Ending, *, seconds: float | None = None) -> Run:
        """Writes the answer and returns it.

        ``seconds``: what the job took by itself, where others were measured meanwhile.
        """
        if self._has_measured and (parity := self.context.parity.get(self.job.number)):
            self._keep_parity(parity)
        self.folder.close()
        if ending.details:
            with self.folder.log.open("a", encoding="utf-8") as log:
                log.write(f"\n{masked_text(ending.details)}")
        run = self._answer(ending, seconds)
        self.folder.finish(run)
        return run

    @property
    def _has_measured(self) -> bool:
        """Whether anything was measured that answers could be told beside."""
        return any(not piece.warmup for piece in self.slices)

    def _keep_parity(self, parity: Parity) -> None:
        """Keeps how answers agree, which was read before, beside what was measured."""
        if parity.fault is not None:
            self.description["parity"] = parity.fault
            return
        last = self.slices[-1]
        read = Observed(started=last.started + last.seconds, seconds=0.0, samples=parity.samples)
        self.keep(read.as_slice(last.restart))

    def _inputs(self) -> dict[str, Any]:
        """Where this was measured, where the weights of each model came from, which they are."""
        soft = fingerprint.soft()
        facts = {"hostname": soft["hostname"], "torch": soft["packages"]["torch"]}
        for place, model in models(self.job.config):
            weights, of = self.context.weights.get(model_id(model)), nested.prefix(place)
            if weights is not None:
                facts[f"{of}weights_source"] = weights.source
                facts[f"{of}weights_sha256"] = weights.sha256
                facts[f"{of}weights_revision"] = weights.revision
        return facts

    def _figures(self) -> tuple[tuple[Figure, ...], Conclusion]:
        """All figures of what was measured so far, and what else it allows to conclude."""
        concluded = conclude(self.slices, self.subjects)
        items = str(self.description.get("items", "items"))
        read = figures(self.slices, items, supporting_of(self.job.config))
        return (*read, *concluded.figures), concluded

    def _answer(self, ending: Ending, seconds: float | None) -> Run:
        job = self.job
        total = time.monotonic() - self._clock if seconds is None else seconds
        with faults.collected() as found_wrong:
            found, concluded = self._figures()
        if found_wrong:
            self.description["faults"] = masked_text("; ".join(map(str, found_wrong)))
        return Run(
            run_id=f"{self.context.sweep_id}/{self.folder.name}",
            sweep_id=self.context.sweep_id,
            number=job.number,
            overrides=job.overrides,
            config=masked(job.config),
            key=job.key,
            environment=job.environment,
            status=ending.status,
            reason=None if ending.reason is None else masked_text(ending.reason),
            started=self._started,
            ended=utc_now(),
            seconds={"total": total, "load": self.load_seconds, **seconds_spent(self.slices)},
            figures=found,
            stamps=tuple(validity.merge(self.stamps)),
            stop=self.sampled[-1].stop if self.sampled else None,
            steady=_all_steady(self.sampled),
            description=self.description,
            outcomes=concluded.outcomes,
            alerts=tuple(
                alerts(wanted(job.config, "limits"), found, is_answer=ending.status == Status.OK)
            ),
        )


def _all_steady(sampled: list[Sampled]) -> bool | None:
    states = [one.steady for one in sampled]
    if False in states:
        return False
    return None if None in states or not states else True

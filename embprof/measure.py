"""One job, measured: restart after restart, whatever happens, to a finished run.

A worker that fails, dies or hangs ends here: its reason becomes the run's, what it measured before
is kept, and the caller goes on to the next job. Only an interruption by the user is passed on, as a
status.
"""

from __future__ import annotations

import dataclasses
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from embprof.config.schema import Model
from embprof.environment import fingerprint, machine, validity
from embprof.errors import WorkerError
from embprof.interruptions import Terminated
from embprof.model import Job, Run, Slice, Stamp, Status
from embprof.models.weights import Weights
from embprof.sampling.isolation import Worker, Workers, worker_environment
from embprof.sampling.sampler import Sampled, Sampler
from embprof.sampling.schedule import Schedule
from embprof.sampling.worker import NeedsFresh, Observed, Opened, WorkerSpec
from embprof.statistics.trend import drifts
from embprof.summary import figures, seconds_spent
from embprof.tracking.folder import RunFolder
from embprof.units import duration, utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the jobs of a sweep share."""

    sweep_id: str
    workers: Workers
    weights: Weights | None
    progress: Callable[[str], None]


def measure(job: Job, folder: RunFolder, context: Context) -> Run:
    """Measures a job into its folder; always returns a run, with the status and the reason."""
    return _Measuring(job, folder, context).run()


class _Measuring:
    def __init__(self, job: Job, folder: RunFolder, context: Context) -> None:
        self.job = job
        self.folder = folder
        self.context = context
        self.slices: list[Slice] = []
        self.stamps: list[Stamp] = []
        self.sampled: list[Sampled] = []
        self.description: dict[str, Any] = {}
        self.load_seconds = 0.0
        self.phase = "starting"
        self.needs_fresh = False

    def run(self) -> Run:
        started, clock = utc_now(), time.monotonic()
        deadline = clock + self.job.config["time_limit"]
        environment = {"hard": dict(self.job.fingerprint), "soft": fingerprint.soft()}
        self.folder.begin(
            {
                "sweep_id": self.context.sweep_id,
                "started": started,
                **{
                    field.name: getattr(self.job, field.name)
                    for field in dataclasses.fields(self.job)
                    if field.name not in ("config", "fingerprint")
                },
            },
            self.job.config,
            environment,
        )
        status, reason = Status.OK, None
        try:
            for restart in range(self.job.config["restarts"]):
                self._restart(restart, deadline)
        except WorkerError as error:
            status, reason = Status(error.status), self._reason(error)
            self._keep_details(error.details)
        except KeyboardInterrupt as error:
            status = Status.INTERRUPTED
            by = error.signal if isinstance(error, Terminated) else "ctrl-C"
            reason = f"{by}, while {self.phase}"
        except OSError:  # our own files: no other job could be kept either
            raise
        except Exception as error:  # noqa: BLE001  (a fault of ours must not cost other jobs)
            status, reason = Status.FAILED, f"{type(error).__name__}: {error} (while {self.phase})"
            self._keep_details("".join(traceback.format_exception(error)))
        finally:
            self.folder.close()
        run = self._answer(status, reason, started, time.monotonic() - clock)
        self.folder.finish(run)
        return run

    def _restart(self, restart: int, deadline: float) -> None:
        isolation = self.job.config["isolation"]
        fresh = isolation == "fresh" or (isolation == "auto" and self.needs_fresh)
        self._enter("loading", restart)
        with self.context.workers.start(self._spec(fresh=fresh)) as worker:
            opened: Opened | NeedsFresh = worker.ask("open", deadline=deadline)
            if isinstance(opened, Opened):
                self.description = {**opened.description, **self._inputs()}
                self.folder.describe(self.description)
                self.load_seconds += opened.load_seconds
                self._sample(worker, restart, deadline)
                self._enter("closing", restart)
                for file in worker.ask("close", deadline=deadline):
                    self.folder.add(file, restart)
                return
            worker.kill()
        if isolation == "fork":
            raise WorkerError(
                Status.FAILED, "isolation=fork: the measurement needs a fresh process"
            )
        self.needs_fresh = True
        self._restart(restart, deadline)

    def _sample(self, worker: Worker, restart: int, deadline: float) -> None:
        self._enter("warming up", restart)
        before: list[validity.Counters] = []

        def measuring() -> None:
            self._enter("measuring", restart)
            before.append(validity.read())

        sampler = Sampler(
            _Asking(worker, deadline),
            Schedule.of(self.job.config),
            restart=restart,
            keep=self._keep,
            measuring=measuring,
        )
        sampled = sampler.run()
        self.sampled.append(sampled)
        mine = [s for s in self.slices if s.restart == restart and not s.warmup]
        self.stamps += validity.stamps(
            before[0],
            validity.read(),
            own_cpu_seconds=sum(sum(piece.values("cpu_time")) for piece in mine),
            threads=int(self.description["threads"]),
            cpus=machine.cpus_usable(),
            wait_policy=str(self.description["wait_policy"]),
        )
        if sampled.steady is False:
            self.stamps.append(Stamp(mark="W", detail="still a trend at warmup.max_seconds"))
        readings = [value for piece in mine for value in piece.samples[0].values]
        if min(readings) > 0 and drifts(readings):
            self.stamps.append(Stamp(mark="D", detail="more than 5 % from beginning to end"))

    def _inputs(self) -> dict[str, Any]:
        """Where this was measured, where the weights came from and which they are."""
        weights, soft = self.context.weights, fingerprint.soft()
        where = {"hostname": soft["hostname"], "torch": soft["packages"]["torch"]}
        if weights is None:
            return where
        return {
            **where,
            "weights_source": weights.source,
            "weights_sha256": weights.sha256,
            "weights_revision": weights.revision,
        }

    def _spec(self, *, fresh: bool) -> WorkerSpec:
        config = self.job.config
        workload = dict(config["workload"])
        if self.context.weights is not None and self.context.weights.folder is not None:
            # Found and hashed once for the sweep; the worker is told, not left to search again.
            found = Model(**config["model"]).model_copy(
                update={"path": self.context.weights.folder, "sha256": None}
            )
            workload["model"] = found.model_dump()
        threads = config["threads"] or machine.cpus_usable()
        return WorkerSpec(
            workload=workload,
            measurement=config["measurement"],
            threads=threads,
            environment=worker_environment(
                threads, config["wait_policy"], offline=self.context.weights is not None
            ),
            log=str(self.folder.log),
            fresh=fresh,
            memory_limit_mb=config["memory_limit_mb"],
        )

    def _keep(self, piece: Slice) -> None:
        self.folder.keep(piece)
        self.slices.append(piece)

    def _enter(self, phase: str, restart: int) -> None:
        self.phase = phase
        restarts = self.job.config["restarts"]
        of = f" (restart {restart + 1} of {restarts})" if restarts > 1 else ""
        self.context.progress(f"{phase}{of}")

    def _reason(self, error: WorkerError) -> str:
        if error.status == Status.TIMEOUT:
            limit = duration(self.job.config["time_limit"])
            return f"not finished within time_limit={limit}, while {self.phase}"
        return f"{error.reason} (while {self.phase})"

    def _keep_details(self, details: str) -> None:
        if details:
            with self.folder.log.open("a", encoding="utf-8") as log:
                log.write(f"\n{details}")

    def _answer(self, status: Status, reason: str | None, started: str, total: float) -> Run:
        job = self.job
        return Run(
            run_id=f"{self.context.sweep_id}/{self.folder.name}",
            sweep_id=self.context.sweep_id,
            number=job.number,
            overrides=job.overrides,
            config=job.config,
            key=job.key,
            environment=job.environment,
            status=status,
            reason=reason,
            started=started,
            ended=utc_now(),
            seconds={"total": total, "load": self.load_seconds, **seconds_spent(self.slices)},
            figures=figures(self.slices, str(self.description.get("items", "items"))),
            stamps=tuple(validity.merged(self.stamps)),
            stop=self.sampled[-1].stop if self.sampled else None,
            steady=_all_steady(self.sampled),
            description=self.description,
        )


class _Asking:
    """A worker as a source of slices, bound to the job's deadline."""

    def __init__(self, worker: Worker, deadline: float) -> None:
        self._worker = worker
        self._deadline = deadline

    def observe(self, iterations: int) -> Observed:
        observed: Observed = self._worker.ask("observe", iterations, deadline=self._deadline)
        return observed


def _all_steady(sampled: list[Sampled]) -> bool | None:
    states = [one.steady for one in sampled]
    if False in states:
        return False
    return None if None in states or not states else True

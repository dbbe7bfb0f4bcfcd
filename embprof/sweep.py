"""A sweep from its plan to its table: every job measured in turn, every answer kept.

The order of things guards the measurement: the store is opened and the fork server started side by
side *before* the first worker; a run is written to disk, then logged, *between* workers; the
machine's lock is held throughout.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from embprof.config.plan import Plan, model_id
from embprof.environment import git, machine
from embprof.model import Job, Run, Status
from embprof.report.display import Display
from embprof.report.table import Row, axes, markdown
from embprof.sampling.isolation import Workers, openmp_environment
from embprof.sampling.lock import only_one
from embprof.sampling.measure import Context, measure
from embprof.tracking import index
from embprof.tracking.folder import RunFolder, read_run
from embprof.tracking.logbook import Logbook
from embprof.tracking.places import Places
from embprof.tracking.recovery import active
from embprof.tracking.sweep_folder import SweepFolder
from embprof.units import utc_now

OWN_WORKLOADS = "embprof.workloads."
QUESTION_LENGTH = 60


class StopSweep(BaseException):
    """The user interrupted: no further job is to start."""


class Sweep:
    """One sweep in progress; ``part`` is the folder of a resumed sweep's new runs, else empty."""

    def __init__(
        self,
        plan: Plan,
        places: Places,
        folder: SweepFolder,
        *,
        display: Display,
        part: str = "",
        answered: Mapping[int, index.Entry] | None = None,
    ) -> None:
        self.plan = plan
        self.places = places
        self.folder = folder
        self.display = display
        self.part = part
        self.runs: dict[int, Run] = {}
        for number, entry in (answered or {}).items():
            run = read_run(folder.path / entry.folder)
            if run is not None:
                self.runs[number] = run
        self.to_do = [job for job in plan.jobs if job.number not in self.runs and not job.skip]
        self.logbook = Logbook(places, folder, say=display.say)
        self.status = Status.OK

    @property
    def rows(self) -> list[Row]:
        """A row a job, in the order of the plan."""
        return [Row(job=job, run=self.runs.get(job.number)) for job in self.plan.jobs]

    @property
    def output(self) -> Path:
        """The folder below which Hydra puts a folder a job."""
        return self.folder.path / self.part

    @contextlib.contextmanager
    def running(self, request: Mapping[str, Any]) -> Iterator[None]:
        """Everything that must be up while jobs run, and is put away afterwards."""
        self._write_request(request)
        with active(self.places, self.folder.sweep_id), self._machine():
            self.display.begin(self.to_do)
            try:
                self._start()
                yield
            except (StopSweep, KeyboardInterrupt):
                self.status = Status.INTERRUPTED
            finally:
                self.display.close()
                self._end()

    def run_job(self, number: int) -> None:
        """Measures a job, unless it is answered or cannot be; raises StopSweep on ctrl-C."""
        job = self.plan.jobs[number]
        if job not in self.to_do:
            return
        self.display.job(job)
        name = str(Path(self.part) / str(number))
        context = Context(
            sweep_id=self.folder.sweep_id,
            workers=self.workers,
            weights=self.plan.weights.get(model_id(job.config)),
            progress=self.display.phase,
        )
        run = measure(job, RunFolder(self.folder.path / name, name), context)
        self._keep(run, self.folder.path / name)
        if run.status == Status.INTERRUPTED:
            raise StopSweep

    @property
    def exit_code(self) -> int:
        """0 when every job that could be measured is answered, 1 when one failed."""
        failed = (Status.FAILED, Status.OUT_OF_MEMORY, Status.TIMEOUT)
        return int(any(run.status in failed for run in self.runs.values()))

    @contextlib.contextmanager
    def _machine(self) -> Iterator[None]:
        if not self.to_do:
            yield
            return

        def waiting(holder: str) -> None:
            self.display.say(
                f"waiting for {holder}, which measures on this machine (ctrl-C gives up)"
            )

        with only_one(self.folder.sweep_id, waiting=waiting):
            yield

    def _start(self) -> None:
        self.logbook.open(self.plan.settings["tracking"]["experiment"])
        if self.to_do:
            first: Job = self.to_do[0]
            heavy = any(
                job.config["workload"]["_target_"].startswith(OWN_WORKLOADS) for job in self.to_do
            )
            if heavy:
                self.display.say("importing torch and the models once for all jobs …")
            threads = first.config["threads"] or machine.cpus_usable()
            self.workers = Workers(
                environment=openmp_environment(threads, first.config["wait_policy"]), heavy=heavy
            )
            self.workers.warm_up()
        self.logbook.start()

    def _keep(self, run: Run, path: Path) -> None:
        self.runs[run.number] = run
        index.append(self.places.index, run)
        self.display.done(run)
        self.logbook.log(run, path)

    def _end(self) -> None:
        if self.status == Status.OK and self.exit_code:
            self.status = Status.FAILED
        skipped = [f"#{job.number} {job.skip}" for job in self.plan.jobs if job.skip]
        tags = {
            "embprof.status": self.status.value,
            "mlflow.note.content": markdown(self.rows),
            **({"embprof.skipped": "; ".join(skipped)} if skipped else {}),
        }
        self.folder.update(status=self.status.value, ended=utc_now(), end_tags=tags)
        self.logbook.close(self.status, tags=tags)

    def _write_request(self, request: Mapping[str, Any]) -> None:
        settings = self.plan.settings
        every = [Row(job=job, run=None) for job in self.plan.jobs]
        self.folder.write(
            {
                "sweep_id": self.folder.sweep_id,
                "started": utc_now(),
                "ended": None,
                "status": None,
                "name": _name(settings["question"], self.folder.sweep_id),
                "question": settings["question"],
                "experiment": settings["tracking"]["experiment"],
                "params": {"jobs": len(self.plan.jobs), "axes": " ".join(axes(every)), **request},
                "tags": git.tags(),
                "jobs": [
                    {
                        "number": job.number,
                        "overrides": list(job.overrides),
                        "key": job.key,
                        "environment": job.environment,
                        "skip": job.skip,
                    }
                    for job in self.plan.jobs
                ],
                **request,
            }
        )


def _name(question: str | None, sweep_id: str) -> str:
    if question is None:
        return sweep_id
    short = question if len(question) <= QUESTION_LENGTH else f"{question[: QUESTION_LENGTH - 1]}…"
    return f"{sweep_id} {short}"

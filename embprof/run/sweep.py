"""A sweep from its plan to its table: every job measured in turn, every answer kept.

The order of things guards the measurement: the store is opened and the fork server started side by
side *before* the first worker; a run is written to disk, then logged, *between* workers; the
machine's lock is held throughout. A gate is a sweep too, whose jobs are measured two by two.
"""

import contextlib
import dataclasses
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass
from pathlib import Path

from embprof.config.plan import Plan
from embprof.config.plugins import needs_torch
from embprof.config.races import grouped
from embprof.errors import DiskError, ServiceError
from embprof.interface import faults
from embprof.machine import resources
from embprof.machine.lock import only_one
from embprof.masking import masked
from embprof.model import Comparison, Job, Run, Status, Stored, Verdict
from embprof.report import stored_rows
from embprof.report.display import Display, outcome
from embprof.report.documents.answer import Reply
from embprof.report.legend import markdown
from embprof.report.pictures import draw
from embprof.report.rows import Row
from embprof.report.sweeps import metrics as sweep_metrics
from embprof.run.backend_files import Found, made_ready
from embprof.run.measure import measure
from embprof.run.parity_checks import Parity, compared
from embprof.run.race.running import run_race
from embprof.run.recorder import Context
from embprof.run.request import request
from embprof.run.services import Addresses, running
from embprof.run.stop import StopSweep
from embprof.run.workshop import Workshop
from embprof.sampling.isolation import Workers, worker_environment
from embprof.tracking import index
from embprof.tracking.entries import note
from embprof.tracking.folder import RunFolder, read_run, read_stored, write_comparison, write_run
from embprof.tracking.logbook import Logbook
from embprof.tracking.places import Places
from embprof.tracking.races import standing_of
from embprof.tracking.recovery import active
from embprof.tracking.sweep_folder import GATE, SweepFolder
from embprof.units import duration, utc_now

WORST_FIRST = (Verdict.SLOWER, Verdict.UNCLEAR, Verdict.INCOMPARABLE, Verdict.FASTER, Verdict.SAME)
"""What a sweep as a whole says: the first of these that any of its rows says."""

BUILDS = "backends"
"""The folder, in that of the sweep, of the logs of what was made for backends."""

Compare = Callable[[Sequence[Stored]], Mapping[int, Comparison]]


@dataclass(eq=False)
class Sweep:
    """One sweep in progress; ``part`` is the folder of a resumed sweep's new runs, else empty.

    ``compare`` makes the comparisons of the runs that ended well, when all are measured.
    """

    plan: Plan
    places: Places
    folder: SweepFolder
    display: Display
    part: str = ""
    answered: InitVar[Mapping[int, index.Entry] | None] = None
    kind: str = "sweep"
    compare: Compare = lambda _: {}

    def __post_init__(self, answered: Mapping[int, index.Entry] | None) -> None:
        found = {
            number: read_run(self.folder.path / entry.folder)
            for number, entry in (answered or {}).items()
        }
        self.runs = {number: run for number, run in found.items() if run is not None}
        self.comparisons: Mapping[int, Comparison] = {}
        self.reply: Reply | None = None
        self.to_do = [job for job in self.plan.jobs if job.number not in self.runs and not job.skip]
        self.logbook = Logbook(
            self.places, self.folder, say=self.display.say, again=bool(self.part)
        )
        self.grouped = grouped(self.to_do)
        self.status = Status.OK
        self._services: Addresses = {}
        self._files: Found = {}
        self._parity: Mapping[int, Parity] = {}
        self._disk_error: DiskError | None = None

    @property
    def rows(self) -> list[Row]:
        """One row per job, in the order of the plan."""
        return [
            Row(
                job=job,
                run=(run := self.runs.get(job.number)),
                comparison=self.comparisons.get(job.number),
                standing=None if run is None else standing_of(run.run_id, self.folder.path),
            )
            for job in self.plan.jobs
        ]

    def is_shown(self, job: Job) -> bool:
        """Whether a job counts as one in what is shown; of a gate's arms only B does."""
        return self.kind != GATE or job.number % 2 == 1

    @property
    def output(self) -> Path:
        """The folder that has a folder for each job, by number."""
        return self.folder.path / self.part

    def run(self, overrides: Sequence[str], run_jobs: Callable[[], None]) -> None:
        """Starts all that jobs need, lets ``run_jobs`` call :meth:`run_job` for each, puts it away.

        ``overrides``: what the user set, kept so that the sweep can be taken up again. Afterwards
        ``status`` says how it ended, interruptions included. Raises DiskError when runs cannot be
        written, ServiceError when a server that a job needs cannot be started.
        """
        try:
            self.folder.write(request(self.folder.sweep_id, self.plan, overrides, kind=self.kind))
            with active(self.places, self.folder.sweep_id):
                try:
                    with self._machine(), self._prepared(), self._workers():
                        self._start()
                        run_jobs()
                except (StopSweep, KeyboardInterrupt):
                    self.status = Status.INTERRUPTED
                except ServiceError:
                    self.status = Status.FAILED
                    raise
                finally:
                    self.display.close()
                    self._end()
        except OSError as error:
            raise DiskError(f"cannot write runs to {self.folder.path}: {error.strerror}") from error
        if self._disk_error is not None:
            raise self._disk_error

    def run_job(self, number: int) -> None:
        """Measures one of the jobs ``to_do``, with all that it is raced with.

        Raises StopSweep on ctrl-C.
        """
        job = self.plan.jobs[number]
        if race := self.grouped.race_of(number):
            if number not in self.runs:
                run_race(race, self)
            self.log(self.runs[number])  # by now the folder has what Hydra puts into it
            return
        self.display.job(job)
        with self.on_disk():
            run = measure(job, self.run_folder(job), self.context())
            self.keep(run)
            self.log(self.runs[run.number])
            self.display.done(outcome(self.runs[run.number]))
        if run.status == Status.INTERRUPTED:
            raise StopSweep

    def run_folder(self, job: Job) -> RunFolder:
        """Where a job's run is kept."""
        name = str(Path(self.part) / str(job.number))
        return RunFolder(self.folder.path / name, name)

    def context(self) -> Context:
        """What jobs are measured with."""
        return Context(
            sweep_id=self.folder.sweep_id,
            workers=self.workers,
            weights=self.plan.weights,
            progress=self.display.phase,
            services=self._services,
            files=self._files,
            parity=self._parity,
        )

    def keep(self, run: Run) -> None:
        """Takes a finished run, which lies in its folder, into the index."""
        folder = self.run_folder(self.plan.jobs[run.number])
        if run.status == Status.SKIPPED and self.plan.jobs[run.number].config["strict"]:
            run = dataclasses.replace(run, status=Status.FAILED)
            write_run(folder.path, run)
        self.runs[run.number] = run
        if run.status != Status.SKIPPED:
            draw(run, folder.path)
            index.append(self.places.index, run)

    def log(self, run: Run) -> None:
        """Takes a finished run into MLflow, with the files of its folder."""
        if run.status != Status.SKIPPED:
            self.logbook.log(run, self.run_folder(self.plan.jobs[run.number]).path)

    @contextlib.contextmanager
    def on_disk(self) -> Iterator[None]:
        """Ends the sweep where its files cannot be written."""
        try:
            yield
        except OSError as error:
            # An OSError would leave the other jobs to be run; each would meet the same full disk.
            self._disk_error = DiskError(f"cannot write to {self.output}: {error.strerror}")
            raise StopSweep from error

    @property
    def exit_code(self) -> int:
        """0 when every job that could be measured is answered, 1 when one failed or is an alert."""
        return int(self._has_failed or any(run.alerts for run in self.runs.values()))

    @property
    def _has_failed(self) -> bool:
        failed = (Status.FAILED, Status.OUT_OF_MEMORY, Status.TIMEOUT)
        return any(run.status in failed for run in self.runs.values())

    @contextlib.contextmanager
    def _machine(self) -> Iterator[None]:
        if not self.to_do:
            yield
            return

        began = time.monotonic()
        waited: list[str] = []

        def waiting(holder: str) -> None:
            waited.append(holder)
            self.display.say(f"waiting for {holder}, which measures on this machine …")

        with only_one(self.folder.sweep_id, waiting=waiting):
            if waited:
                self.display.say(f"waited {duration(time.monotonic() - began)}; going on")
            yield

    @contextlib.contextmanager
    def _prepared(self) -> Iterator[None]:
        """Files that backends run, answers compared, then servers, which end afterwards."""
        workshop = Workshop(
            weights=self.plan.weights, logs=self.folder.path / BUILDS, say=self.display.say
        )
        self._files = made_ready(self.to_do, workshop)
        self._parity = compared(self.to_do, self._files, workshop)
        with running(self.to_do, self.display.say) as self._services:
            yield

    @contextlib.contextmanager
    def _workers(self) -> Iterator[None]:
        forked = [job for job in self.to_do if job.config["isolation"] != "fresh"]
        self.heavy = any(needs_torch(job.config) for job in forked)
        with Workers(heavy=self.heavy, hear=self.display.news) as self.workers:
            yield

    def warm_up(self, executables: Sequence[str]) -> None:
        """Does the imports that the workers of the first job need, once, in each interpreter."""
        config = self.to_do[0].config
        threads = resources.threads(config["threads"])
        environment = worker_environment(threads, config["wait_policy"], offline=self.heavy)
        for executable in executables:
            self.workers.warm_up(environment, executable)

    def _start(self) -> None:
        self.logbook.open(self.plan.settings["tracking"]["experiment"])
        if self.to_do:
            if self.heavy:
                self.display.say("importing torch and the models once for all jobs …")
            if any(job.config["isolation"] != "fresh" for job in self.to_do):
                self.warm_up([sys.executable])
        self.logbook.start()
        self.display.begin([job for job in self.to_do if self.is_shown(job)])

    def _end(self) -> None:
        if self.status == Status.OK and any(job.number not in self.runs for job in self.to_do):
            self.status = Status.INTERRUPTED  # something ended the jobs that nobody foresaw
        if self.status == Status.OK and self._has_failed:
            self.status = Status.FAILED
        self._compare()
        question = masked(self.plan.settings["question"])
        skipped = [f"#{job.number} {job.skip}" for job in self.plan.jobs if job.skip]
        verdicts = {comparison.verdict for comparison in self.comparisons.values()}
        worst = next((verdict for verdict in WORST_FIRST if verdict in verdicts), None)
        alerts = [f"#{run.number} {alert}" for run in self.runs.values() for alert in run.alerts]
        shown = stored_rows.rows(self.folder) if self.kind == GATE else self.rows  # names the arms
        note_table = faults.ask("embprof", "the table of the note", lambda: markdown(shown), "")
        tags = {
            "embprof.status": self.status.value,
            "mlflow.note.content": note(question, note_table),
            **({"embprof.skipped": "; ".join(skipped)} if skipped else {}),
            **({"embprof.alerts": "; ".join(alerts)} if alerts else {}),
            **({"embprof.verdict": worst.value} if worst is not None else {}),
        }
        metrics = sweep_metrics([row for row in self.rows if self.is_shown(row.job)])
        self.folder.update(
            status=self.status.value, ended=utc_now(), end_tags=tags, end_metrics=metrics
        )
        self.logbook.log_rest()
        self.logbook.log_comparisons()
        self.logbook.log_standings()
        self._report()
        if self.reply is not None and self.reply.is_answer:
            tags["mlflow.note.content"] = note(question, f"{self.reply.found}\n\n{note_table}")
            self.folder.update(end_tags=tags)
        self.logbook.close(self.status, tags=tags, metrics=metrics)

    def _report(self) -> None:
        """Makes the report; what a gate found is said by its verdicts."""
        if self.kind != GATE and self.plan.settings["report"] and self.runs:
            from embprof.report.documents.writing import report_of_sweep  # only once it is over

            self.reply = report_of_sweep(self.folder, say=self.display.say)

    def _compare(self) -> None:
        """Compares what was measured, and keeps each comparison beside its run."""
        answered = {
            number: self.folder.path / run.run_id.partition("/")[2]
            for number, run in self.runs.items()
            if run.status == Status.OK
        }
        stored = [found for path in answered.values() if (found := read_stored(path)) is not None]
        self.comparisons = self.compare(stored)
        for number, comparison in self.comparisons.items():
            write_comparison(answered[number], comparison)

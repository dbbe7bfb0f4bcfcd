"""One job, measured: restart after restart, whatever happens, to a finished run.

A worker that fails, dies or hangs ends here: its reason becomes the run's, what it measured before
is kept, and the caller goes on to the next job. Only an interruption by the user is passed on, as a
status.
"""

from __future__ import annotations

import dataclasses
import time
import traceback

from embprof.config.times import time_limit
from embprof.errors import WorkerError
from embprof.interface import faults
from embprof.interface.classes import find_light_class
from embprof.interface.conclusions import conclude
from embprof.interface.measurement import StartsCold
from embprof.machine import validity
from embprof.model import Job, Run, Stamp, Status
from embprof.run.recorder import OK, Asking, Context, Ending, Recorder, interrupted
from embprof.sampling.isolation import Worker
from embprof.sampling.messages import NeedsFresh, Opened
from embprof.sampling.sampler import Sampler
from embprof.sampling.schedule import Schedule
from embprof.statistics.trend import drifts
from embprof.tracking.folder import RunFolder
from embprof.units import duration


def measure(job: Job, folder: RunFolder, context: Context) -> Run:
    """Measures a job into its folder; always returns a run, with the status and the reason."""
    return _Measuring(job, folder, context).run()


class _Measuring:
    def __init__(self, job: Job, folder: RunFolder, context: Context) -> None:
        self.job = job
        self.context = context
        self.recorder = Recorder(job, folder, context)
        self.phase = "starting"
        self.needs_fresh = False

    def run(self) -> Run:
        deadline = time.monotonic() + time_limit(self.job.config)
        self.recorder.begin()
        ending = OK
        try:
            for restart in range(self.job.config["restarts"]):
                self._restart(restart, deadline)
            self._follow_up(deadline)
        except WorkerError as error:
            ending = Ending(
                status=Status(error.status), reason=self._reason(error), details=error.details
            )
        except KeyboardInterrupt as error:
            ending = interrupted(error, self.phase)
        except OSError:  # our own files: no other job could be kept either
            self.recorder.folder.close()
            raise
        except Exception as error:  # noqa: BLE001  (a fault of ours must not cost other jobs)
            ending = Ending(
                status=Status.FAILED,
                reason=f"{type(error).__name__}: {error} (while {self.phase})",
                details="".join(traceback.format_exception(error)),
            )
        return self.recorder.finish(ending)

    def _restart(self, restart: int, deadline: float) -> None:
        isolation = self.job.config["isolation"]
        fresh = isolation == "fresh" or (isolation == "auto" and self.needs_fresh)
        self._enter("loading", restart)
        if self._lets_go_of_files():
            self.context.workers.close()  # a server keeps what it has mapped in memory, as we do
        with self.context.workers.start(self.recorder.spec(fresh=fresh)) as worker:
            opened: Opened | NeedsFresh = worker.ask("open", deadline=deadline)
            if isinstance(opened, Opened):
                self.recorder.opened(opened)
                self.context.workers.learn(opened)
                self._sample(worker, restart, deadline)
                self._enter("closing", restart)
                if last := worker.ask("finish", deadline=deadline):
                    self.recorder.keep(last.as_slice(restart))
                self.recorder.ran(worker.ask("facts", deadline=deadline))
                for file in worker.ask("close", deadline=deadline):
                    self.recorder.folder.add(file, restart)
                return
            worker.kill()
        if isolation == "fork":
            raise WorkerError(
                Status.FAILED, "isolation=fork: the measurement needs a fresh process"
            )
        self.needs_fresh = True
        self._restart(restart, deadline)

    def _lets_go_of_files(self) -> bool:
        """Whether this restart is to find none of its files in memory; ours are let go then."""
        node = self.job.config["measurement"]
        cls = find_light_class(node["_target_"])
        return isinstance(cls, StartsCold) and cls.let_go_of_files(node)

    def _follow_up(self, deadline: float) -> None:
        """Looks closer at what was concluded, where it asks for that; what was measured stands."""
        with faults.collected():  # told when the run is concluded
            wanted = conclude(self.recorder.slices, self.recorder.subjects).follow_up
        if wanted is None:
            return
        self.phase = wanted.phase
        self.context.progress(wanted.phase)
        spec = dataclasses.replace(self.recorder.spec(fresh=True), measurement=wanted.measurement)
        try:
            with self.context.workers.start(spec) as worker:
                worker.ask("open", deadline=deadline)
                worker.ask("observe", wanted.iterations, deadline=deadline)
                self.recorder.description |= worker.ask("facts", deadline=deadline).found
                for file in worker.ask("close", deadline=deadline):
                    self.recorder.folder.add(file, restart=0)
        except WorkerError as error:
            self.recorder.description["follow_up"] = f"none: {self._reason(error)}"

    def _sample(self, worker: Worker, restart: int, deadline: float) -> None:
        self._enter("warming up", restart)
        before: list[validity.Counters] = []

        def measuring() -> None:
            self._enter("measuring", restart)
            worker.ask("measuring", deadline=deadline)
            before.append(validity.read())

        recorder = self.recorder
        sampler = Sampler(
            Asking(worker, deadline),
            Schedule.of(self.job.config, restart),
            restart=restart,
            keep=recorder.keep,
        )
        sampled = sampler.run(measuring)
        recorder.sampled.append(sampled)
        mine = recorder.measured(restart)
        cpu_seconds = sum(piece.cpu_seconds for piece in mine)
        recorder.stamp(before[0], validity.read(), own_cpu_seconds=cpu_seconds)
        if sampled.steady is False:
            recorder.stamps.append(Stamp(mark="W", detail="still a trend at warmup.max_seconds"))
        readings = [value for piece in mine for value in piece.samples[0].values]
        if min(readings) > 0 and drifts(readings):
            recorder.stamps.append(Stamp(mark="D", detail="more than 5 % from beginning to end"))

    def _enter(self, phase: str, restart: int) -> None:
        self.phase = phase
        restarts = self.job.config["restarts"]
        of = f" (restart {restart + 1} of {restarts})" if restarts > 1 else ""
        self.context.progress(f"{phase}{of}")

    def _reason(self, error: WorkerError) -> str:
        if error.status == Status.TIMEOUT:
            limit = duration(time_limit(self.job.config))
            return f"not finished within time_limit={limit}, while {self.phase}"
        return f"{error.reason} (while {self.phase})"

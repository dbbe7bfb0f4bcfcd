"""One job, measured: restart after restart, whatever happens, to a finished run.

A worker that fails, dies or hangs ends here: its reason becomes the run's, what it measured before
is kept, and the caller goes on to the next job. Only an interruption by the user is passed on, as a
status.
"""

import time

from embprof.config.times import time_limit
from embprof.interface.classes import find_light_class
from embprof.interface.measurement import StartsCold
from embprof.machine import validity
from embprof.model import Job, Run
from embprof.run.ending import Phase, ending_of
from embprof.run.follow_up import follow_up
from embprof.run.recorder import Context, Recorder
from embprof.run.restart import Restart, Start, StartAgainError
from embprof.sampling.schedule import Schedule
from embprof.tracking.folder import RunFolder


def measure(job: Job, folder: RunFolder, context: Context) -> Run:
    """Measures a job into its folder; always returns a run, with the status and the reason."""
    return Measuring(job, folder, context).run()


class Measuring:
    """One job in the making, restart by restart."""

    def __init__(self, job: Job, folder: RunFolder, context: Context) -> None:
        self.job = job
        self.context = context
        self.recorder = Recorder(job, folder, context)
        self.phase = Phase(context.progress, time_limit=time_limit(job.config))
        self.needs_fresh = False
        self.seconds = 0.0
        """What it took so far, where others are measured between its restarts."""

    def run(self) -> Run:
        """Measures every restart; always returns a run, with the status and the reason."""
        deadline = time.monotonic() + time_limit(self.job.config)
        self.recorder.begin()

        def measure() -> None:
            for number in range(self.job.config["restarts"]):
                self.restart(number, deadline)
            follow_up(self.recorder, self.phase, deadline)

        return self.recorder.finish(ending_of(measure, self.phase, [self.recorder.folder]))

    def restart(self, number: int, deadline: float) -> None:
        """Measures a restart; a worker that needs a fresh process gets one, now and from now on.

        Raises WorkerError.
        """
        try:
            self._measured_once(number, deadline)
        except StartAgainError:
            self.needs_fresh = True
        else:
            return
        self._measured_once(number, deadline)

    def _measured_once(self, number: int, deadline: float) -> None:
        isolation = self.job.config["isolation"]
        fresh = isolation == "fresh" or (isolation == "auto" and self.needs_fresh)
        self._enter("loading", number)
        if self._lets_go_of_files():
            self.context.workers.close()  # a server keeps what it has mapped in memory, as we do
        start = Start(fresh=fresh)
        with Restart.started(self.recorder, start, number=number, deadline=deadline) as restart:
            restart.open()
            self._sample(restart)
            self._enter("closing", number)
            restart.finish()
            restart.close()

    def _sample(self, restart: Restart) -> None:
        number = restart.number
        self._enter("warming up", number)
        before: list[validity.Counters] = []

        def measuring() -> None:
            self._enter("measuring", number)
            restart.measuring()
            before.append(validity.read())

        recorder = self.recorder
        is_last = number == self.job.config["restarts"] - 1
        sampled = restart.sampler(
            Schedule.of(self.job.config, number),
            wants_more=lambda: is_last and recorder.wants_more(),
        ).run(measuring)
        mine = recorder.measured(number)
        cpu_seconds = sum(piece.cpu_seconds for piece in mine)
        recorder.end_restart(number, sampled, before[0], own_cpu_seconds=cpu_seconds)

    def _lets_go_of_files(self) -> bool:
        """Whether this restart is to find none of its files in memory; ours are let go then."""
        node = self.job.config["measurement"]
        cls = find_light_class(node["_target_"])
        return isinstance(cls, StartsCold) and cls.let_go_of_files(node)

    def _enter(self, phase: str, number: int) -> None:
        restarts = self.job.config["restarts"]
        which = f" (restart {number + 1} of {restarts})" if restarts > 1 else ""
        self.phase.enter(phase, which)

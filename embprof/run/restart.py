"""One restart: a worker process from its start to its end, and what is kept of it.

The protocol is the same whoever measures, one job by itself or several arms in turn: a worker is
started, opened (its workload loaded), asked for slices, asked what it had run, closed, and gone
whatever happens. Who asks for slices, and of which restart when, is the caller's affair.
"""

import contextlib
import dataclasses
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from embprof.errors import WorkerError
from embprof.machine.process_facts import Facts
from embprof.model import Status
from embprof.run.recorder import Recorder
from embprof.sampling.isolation import CAN_PAUSE, Worker
from embprof.sampling.messages import NeedsFresh, Observed
from embprof.sampling.sampler import Sampler
from embprof.sampling.schedule import Schedule


class StartAgainError(Exception):
    """Workers are to be started otherwise: ``fresh``, or with imports done that took seconds."""

    def __init__(self, *, fresh: bool) -> None:
        self.fresh = fresh
        super().__init__("workers are to be started otherwise")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a worker is started.

    ``fresh``: a bare interpreter, not a fork. ``executable``: the Python that it runs in;
    ``paths`` come first in its module path. ``arm`` names one of several that are measured in turn:
    errors then begin with it, slices hold the canary's timings, and workers that turn out to start
    otherwise from now on are started again, so that all arms start alike. ``waits``: others are
    measured between its slices, and it is stopped meanwhile.
    """

    fresh: bool
    executable: str = sys.executable
    paths: tuple[str, ...] = ()
    arm: str | None = None
    waits: bool = False


@dataclass(slots=True, kw_only=True)
class Restart:
    """A worker of a job; once it is open a source of slices.

    ``number`` counts the job's restarts from 0; ``deadline`` is a time of ``time.monotonic`` by
    which every answer must be there.
    """

    worker: Worker
    recorder: Recorder
    start: Start
    number: int
    deadline: float
    restarts_every_call: bool = False

    @classmethod
    @contextlib.contextmanager
    def started(
        cls, recorder: Recorder, start: Start, *, number: int, deadline: float
    ) -> Iterator[Self]:
        """A restart whose worker is there, not opened yet, and gone afterwards.

        Raises WorkerError, as all that is asked of it does.
        """
        spec = dataclasses.replace(
            recorder.spec(fresh=start.fresh),
            executable=start.executable,
            paths=start.paths,
            canary=start.arm is not None,
            waits=start.waits and CAN_PAUSE,
        )
        with contextlib.ExitStack() as stack:
            with name_arm(start.arm):
                worker = stack.enter_context(recorder.context.workers.start(spec))
            yield cls(
                worker=worker, recorder=recorder, start=start, number=number, deadline=deadline
            )

    def open(self) -> None:
        """Loads the workload; raises StartAgainError where workers ought to start otherwise."""
        opened = self._ask("open")
        if isinstance(opened, NeedsFresh):
            if self.recorder.job.config["isolation"] == "fork":
                reason = "isolation=fork: the measurement needs a fresh process"
                raise WorkerError(Status.FAILED, reason)
            raise StartAgainError(fresh=True)
        will_be_quicker = self.recorder.context.workers.learn(opened)
        if will_be_quicker and self.start.arm is not None and not self.start.fresh:
            raise StartAgainError(fresh=False)
        self.recorder.opened(opened)
        self.restarts_every_call = opened.restarts_every_call

    def sampler(
        self, schedule: Schedule, wants_more: Callable[[], bool] = lambda: False
    ) -> Sampler:
        """What slices of this restart are asked of; each is kept the moment it exists."""
        return Sampler(
            self,
            schedule,
            restart=self.number,
            keep=self.recorder.keep,
            wants_more=wants_more,
        )

    def observe(self, iterations: int) -> Observed:
        """A slice's readings, for the sampler."""
        observed: Observed = self._ask("observe", iterations)
        self.pause()
        return observed

    def pause(self) -> None:
        """Stops a worker that waits while others are measured, until it is asked again."""
        if self.start.waits:
            self.worker.pause()

    def measuring(self) -> None:
        """Tells the worker that warming up is over."""
        self._ask("measuring")

    def finish(self) -> None:
        """Keeps what the measurement reads once more when all slices are done."""
        if last := self._ask("finish"):
            self.recorder.keep(last.as_slice(self.number))

    def close(self) -> Facts:
        """Ends the workload, keeps the files it left; returns what the worker had run."""
        facts: Facts = self._ask("facts")
        self.recorder.ran(facts)
        for file in self._ask("close"):
            self.recorder.folder.add(file, self.number)
        return facts

    def _ask(self, verb: str, argument: Any = None) -> Any:
        with name_arm(self.start.arm):
            return self.worker.ask(verb, argument, deadline=self.deadline)


@contextlib.contextmanager
def name_arm(arm: str | None) -> Iterator[None]:
    """Puts the arm's name before what is said of its worker; None is no arm of several."""
    try:
        yield
    except WorkerError as error:
        if arm is None or error.reason.startswith("arm "):
            raise
        raise WorkerError(
            error.status, f"arm {arm.upper()}: {error.reason}", error.details
        ) from error

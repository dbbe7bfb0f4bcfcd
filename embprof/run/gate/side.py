"""One arm while a pair of restarts is measured: its worker, and where its answers go."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Self

from embprof.errors import WorkerError
from embprof.machine.process_facts import Facts
from embprof.model import Status
from embprof.run.gate.arms import Arm
from embprof.run.recorder import Recorder
from embprof.sampling.isolation import Worker, Workers
from embprof.sampling.messages import NeedsFresh, Observed
from embprof.sampling.sampler import Sampler
from embprof.sampling.schedule import Schedule

WARMUP_MAX_SECONDS = 2.0
"""Bound of each worker's warm-up; what is left of a trend then meets both arms alike."""


class StartAgainError(Exception):
    """Workers are to be started otherwise: ``fresh``, or with imports done that took seconds."""

    def __init__(self, *, fresh: bool) -> None:
        self.fresh = fresh
        super().__init__()


class Side:
    """One restart of an arm. WorkerErrors raised here say which arm it was."""

    def __init__(
        self,
        arm: Arm,
        recorder: Recorder,
        workers: Workers,
        worker: Worker,
        *,
        fresh: bool,
        deadline: float,
    ) -> None:
        self._arm = arm
        self._recorder = recorder
        self._workers = workers
        self._worker = worker
        self._fresh = fresh
        self._deadline = deadline
        self.restarts_every_call = False

    @classmethod
    @contextlib.contextmanager
    def started(
        cls,
        arm: Arm,
        recorder: Recorder,
        workers: Workers,
        *,
        paths: Sequence[str],
        fresh: bool,
        deadline: float,
    ) -> Iterator[Self]:
        """A side whose worker is there, and gone afterwards."""
        spec = recorder.spec(fresh=fresh, executable=arm.executable, paths=paths)
        with contextlib.ExitStack() as stack:
            with said_of(arm):
                started = workers.start(dataclasses.replace(spec, canary=True))
                worker = stack.enter_context(started)
            yield cls(arm, recorder, workers, worker, fresh=fresh, deadline=deadline)

    def open(self) -> None:
        """Loads the workload; raises StartAgainError when workers ought to start otherwise."""
        opened = self._ask("open")
        if isinstance(opened, NeedsFresh):
            if self._arm.job.config["isolation"] == "fork":
                reason = "isolation=fork: the measurement needs a fresh process"
                raise WorkerError(Status.FAILED, reason)
            raise StartAgainError(fresh=True)
        if self._workers.learn(opened) and not self._fresh:
            raise StartAgainError(fresh=False)
        self._recorder.opened(opened)
        self.restarts_every_call = opened.restarts_every_call

    def sampler(self, pair: int) -> Sampler:
        """What slices of this restart are asked of."""
        schedule = Schedule.of(self._arm.job.config)
        bound = min(schedule.warmup_max_seconds, WARMUP_MAX_SECONDS)
        short = dataclasses.replace(schedule, warmup_max_seconds=bound)
        return Sampler(self, short, restart=pair, keep=self._recorder.keep)

    def observe(self, iterations: int) -> Observed:
        """A slice's readings, for the sampler."""
        observed: Observed = self._ask("observe", iterations)
        return observed

    def close(self, pair: int) -> Facts:
        """Ends the workload, keeps the files it left; returns what the worker had run."""
        facts: Facts = self._ask("facts")
        self._recorder.ran(facts)
        for file in self._ask("close"):
            self._recorder.folder.add(file, pair)
        return facts

    def _ask(self, verb: str, argument: Any = None) -> Any:
        with said_of(self._arm):
            return self._worker.ask(verb, argument, deadline=self._deadline)


@contextlib.contextmanager
def said_of(arm: Arm) -> Iterator[None]:
    """Puts the arm's name before what is said of its worker."""
    name = f"arm {arm.name.upper()}: "
    try:
        yield
    except WorkerError as error:
        if error.reason.startswith("arm "):
            raise
        raise WorkerError(error.status, name + error.reason, error.details) from error

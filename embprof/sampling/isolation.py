"""Starts worker processes and says how they ended.

Two kinds: *fork* takes a child of a server process that has done the imports (about 20 ms), *fresh*
a new interpreter (seconds). The server is started once, with the OpenMP settings of the first job
that uses it, since the OpenMP runtime reads them when it is loaded; a job that wants others gets a
fresh interpreter.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from embprof.errors import WorkerError
from embprof.model import Status
from embprof.sampling.failures import Failure
from embprof.sampling.worker import WorkerSpec, serve

CLOSE_SECONDS = 5.0
"""How long a worker may take to end after its last answer."""
FORKS = sys.platform == "linux"
"""Elsewhere every worker is fresh: macOS's libraries do not survive a fork, Windows has none."""
LIGHT_PRELOAD = ("embprof.sampling.worker", "hydra.utils")
HEAVY_PRELOAD = (*LIGHT_PRELOAD, "embprof.sampling.preload")


class Workers:
    """Starts the workers of one sweep."""

    def __init__(self, *, environment: Mapping[str, str], heavy: bool) -> None:
        """``environment`` is the server's; ``heavy`` makes it import torch and the models."""
        self._environment = dict(environment)
        self._fresh = multiprocessing.get_context("spawn")
        self._fork: BaseContext = self._fresh
        if FORKS:
            self._fork = multiprocessing.get_context("forkserver")
            self._fork.set_forkserver_preload(list(HEAVY_PRELOAD if heavy else LIGHT_PRELOAD))

    def warm_up(self) -> None:
        """Starts the server and returns when its imports are done."""
        if not FORKS:
            return
        with _environment(self._environment):
            process = _started(self._fork, target=_nothing)
        process.join()

    def start(self, spec: WorkerSpec) -> Worker:
        """A new worker for ``spec``; nothing of the workload has run in it yet."""
        needs_own = _openmp(spec.environment) != _openmp(self._environment)
        return Worker(self._fresh if spec.fresh or needs_own else self._fork, spec)


class Worker:
    """One worker process, asked from here. A context manager: the process is gone after it."""

    def __init__(self, context: BaseContext, spec: WorkerSpec) -> None:
        self._connection, theirs = context.Pipe()
        # Nothing is ever sent here: that it is open tells the worker that its parent lives.
        reading_end, self._lifeline = context.Pipe(duplex=False)
        self._oom_kills = _oom_kills()
        self._process = _started(context, target=serve, args=(theirs, reading_end, spec))
        theirs.close()
        reading_end.close()

    @property
    def pid(self) -> int:
        """Process id of the worker."""
        return int(self._process.pid or 0)

    def ask(self, verb: str, argument: Any = None, *, deadline: float | None = None) -> Any:
        """The worker's answer; blocks without using the CPU.

        ``deadline`` is a time of ``time.monotonic``. Raises WorkerError when the worker fails, dies
        or does not answer in time; it is ended then.
        """
        try:
            self._connection.send((verb, argument))
            if not self._connection.poll(_seconds_until(deadline)):
                self.kill()
                raise WorkerError(Status.TIMEOUT, f"did not answer to {verb} within the time limit")
            answer = self._connection.recv()
        except (EOFError, ConnectionError):
            raise self._died() from None
        if isinstance(answer, Failure):
            self._process.join(CLOSE_SECONDS)
            raise WorkerError(answer.status, answer.reason, answer.details)
        return answer

    def kill(self) -> None:
        """Ends the process at once."""
        if self._process.is_alive():
            self._process.kill()
        self._process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._process.join(CLOSE_SECONDS)
        self.kill()
        for end in (self._connection, self._lifeline):
            _close(end)

    def _died(self) -> WorkerError:
        self._process.join(CLOSE_SECONDS)
        code = self._process.exitcode
        if code is None:
            self.kill()
            return WorkerError(Status.FAILED, "closed its connection without an answer")
        if code >= 0:
            return WorkerError(Status.FAILED, f"ended by itself with exit code {code}")
        name = signal.Signals(-code).name
        if -code == signal.SIGKILL and _oom_kills() > self._oom_kills:
            return WorkerError(Status.OUT_OF_MEMORY, "killed by the kernel: out of memory")
        return WorkerError(Status.FAILED, f"killed by signal {-code} ({name})")


def worker_environment(threads: int, wait_policy: str, *, offline: bool) -> dict[str, str]:
    """Environment of a worker with that many compute threads, waiting asleep or spinning.

    ``offline``: weights were found before; the worker must not go looking on the network.
    """
    environment = {
        "OMP_NUM_THREADS": str(threads),
        "RAYON_NUM_THREADS": str(threads),  # the tokenisers' own pool
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TRANSFORMERS_VERBOSITY": "error",
    }
    if offline:
        environment["HF_HUB_OFFLINE"] = "1"
    if wait_policy != "default":
        environment["OMP_WAIT_POLICY"] = wait_policy.upper()
    return environment


def _openmp(environment: Mapping[str, str]) -> str | None:
    """What the OpenMP runtime reads once, at load; thread counts can be set later."""
    return environment.get("OMP_WAIT_POLICY", os.environ.get("OMP_WAIT_POLICY"))


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Sets variables for processes started inside; afterwards all is as before."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _started(
    context: BaseContext, *, target: Callable[..., None], args: tuple[Any, ...] = ()
) -> BaseProcess:
    """A new process, deaf to ctrl-C from its first instruction: that is for the parent to handle.

    A terminal sends SIGINT to every process of the command. Blocked signals stay blocked in what is
    started meanwhile, so no import is cut short with a traceback; here, one that comes now waits.
    """
    make: Any = context  # the type stubs give Process to concrete contexts alone
    process: BaseProcess = make.Process(target=target, args=args, name="embprof-worker")
    resource_tracker.ensure_running()  # it would unblock the signal if it were started below
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process


def _nothing() -> None:
    """Runs in a process that is started only to wait for its server."""


def _seconds_until(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _oom_kills() -> int:
    """Processes this kernel has ended for want of memory since it booted; 0 if it is silent."""
    try:
        counted = re.search(r"^oom_kill (\d+)$", Path("/proc/vmstat").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(counted[1]) if counted else 0


def _close(end: Connection) -> None:
    with contextlib.suppress(OSError):
        end.close()

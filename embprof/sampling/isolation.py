"""Starts worker processes and says how they ended.

Two kinds: *fork* takes a child of a server process that has done the imports (about 20 ms), *fresh*
a new interpreter (seconds). There is a server for each interpreter and each setting that the OpenMP
runtime reads when it is loaded; most sweeps need one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from multiprocessing.connection import Pipe
from types import TracebackType
from typing import Any, Self

from embprof.errors import WorkerError
from embprof.machine.files import Files
from embprof.model import Status
from embprof.sampling.failures import Failure
from embprof.sampling.messages import News, Opened, WorkerSpec
from embprof.sampling.processes import Fresh, Process, Server, ending
from embprof.sampling.temporary_folder import TemporaryFolder

CLOSE_SECONDS = 5.0
"""How long a worker may take to end after its last answer."""
FORKS = sys.platform == "linux"
"""Elsewhere every worker is fresh: macOS's libraries do not survive a fork, Windows has none."""
CAN_PAUSE = sys.platform == "linux"
"""Elsewhere nothing ends a stopped process when its parent is gone."""


def _nobody(_: str) -> None:
    """Where nobody watches."""


class Workers:
    """Starts the workers of one sweep. A context manager: no server outlives it."""

    def __init__(self, *, heavy: bool, hear: Callable[[str], None] = _nobody) -> None:
        """``heavy`` makes servers import torch and the models.

        ``hear`` takes what workers tell of their progress.
        """
        self.heavy = heavy
        self._hear = hear
        self._servers: dict[tuple[str, str | None, bool], Server] = {}
        self._folder: TemporaryFolder | None = None

    def warm_up(self, environment: Mapping[str, str], executable: str = sys.executable) -> None:
        """Returns when the server for workers of that environment has done its imports.

        Raises WorkerError when that interpreter cannot run a worker.
        """
        if FORKS:
            everything = {**environment, **self._temporary()}
            self._server(everything, executable, heavy=self.heavy).wait_ready()

    def start(self, spec: WorkerSpec) -> Worker:
        """A new worker for ``spec``; nothing of the workload has run in it yet."""
        spec = dataclasses.replace(spec, environment={**spec.environment, **self._temporary()})
        if spec.fresh or not FORKS:
            return Worker(partial(Fresh, spec.executable, spec.environment), spec, hear=self._hear)
        # What was set here since the server was started, a fresh worker would have too.
        spec = dataclasses.replace(spec, environment={**os.environ, **spec.environment})
        heavy = self.heavy and not spec.light
        fork = self._server(spec.environment, spec.executable, heavy=heavy).fork
        return Worker(fork, spec, hear=self._hear)

    def learn(self, opened: Opened) -> bool:
        """Whether workers from now on start with imports that this one had to do itself.

        Nobody can tell of a third-party workload that it imports torch before it has.
        """
        if self.heavy or not opened.imported_torch:
            return False
        self.heavy = True
        return FORKS

    def close(self) -> None:
        """Ends the servers, and removes what workers left in their folder."""
        while self._servers:
            self._servers.popitem()[1].close()
        if self._folder is not None:
            self._folder.close()
            self._folder = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _temporary(self) -> dict[str, str]:
        """Where workers put temporary files: a folder that is gone after them, however they end."""
        if self._folder is None:
            self._folder = TemporaryFolder()
        return {"TMPDIR": self._folder.path}

    def _server(self, environment: Mapping[str, str], executable: str, *, heavy: bool) -> Server:
        # The OpenMP runtime reads its policy once, at load; thread counts can be set later.
        policy = environment.get("OMP_WAIT_POLICY", os.environ.get("OMP_WAIT_POLICY"))
        which = executable, policy, heavy
        if which in self._servers and self._servers[which].is_gone:
            self._servers.pop(which).close()
        if which not in self._servers:
            self._servers[which] = Server(executable, environment=environment, heavy=heavy)
        return self._servers[which]


class Worker:
    """One worker process, asked from here. A context manager: the process is gone after it."""

    def __init__(
        self,
        start: Callable[[int, int], Process],
        spec: WorkerSpec,
        *,
        hear: Callable[[str], None],
    ) -> None:
        """``start`` makes the process, given its ends of the connection and of the lifeline.

        ``hear`` takes what it tells of its progress before it answers.
        """
        self._hear = hear
        self._connection, theirs = Pipe()
        # Nothing is ever sent here: that it is open tells the worker that its parent lives.
        reading_end, self._lifeline = Pipe(duplex=False)
        self._oom_kills = oom_kills()
        self._is_paused = False
        self._executable = spec.executable
        with theirs, reading_end:
            self._process = start(theirs.fileno(), reading_end.fileno())
        with contextlib.suppress(ConnectionError):  # it died at once: asking it will say how
            self._connection.send(spec)

    @property
    def pid(self) -> int:
        """Process id of the worker."""
        return self._process.pid

    def ask(
        self,
        verb: str,
        argument: Any = None,
        *,
        deadline: float | None = None,
    ) -> Any:
        """The worker's answer; blocks without using the CPU.

        ``deadline`` is a time of ``time.monotonic``. Raises WorkerError when the worker fails, dies
        or does not answer in time; it is ended then.
        """
        try:
            self.resume()
            self._connection.send((verb, argument))
            while isinstance(answer := self._answer(verb, deadline), News):
                self._hear(answer.text)
        except (EOFError, ConnectionError):
            raise self._died() from None
        if isinstance(answer, Failure):
            self._process.wait(CLOSE_SECONDS)
            raise WorkerError(answer.status, self._in_which(answer.reason), answer.details)
        return answer

    def _answer(self, verb: str, deadline: float | None) -> Any:
        seconds = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not self._connection.poll(seconds):
            self.kill()
            raise WorkerError(Status.TIMEOUT, f"did not answer to {verb} within the time limit")
        return self._connection.recv()

    def pause(self) -> None:
        """Stops the process, and those it started, until it is asked again.

        Idle threads would spin beside others: those of libgomp do for milliseconds after each call,
        with ``wait_policy=active`` always. A process that has left the group of this one goes on.
        """
        if CAN_PAUSE and not self._is_paused:
            self._process.signal(signal.SIGSTOP)
            self._is_paused = True

    def resume(self) -> None:
        """Lets a stopped process go on."""
        if self._is_paused:
            self._is_paused = False
            self._process.signal(signal.SIGCONT)

    def kill(self) -> None:
        """Ends the process at once; of one that waits for its turn, those it started too."""
        self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None and not self._is_paused:
            self._process.wait(CLOSE_SECONDS)
        self.kill()
        for end in (self._connection, self._lifeline):
            with contextlib.suppress(OSError):
                end.close()

    def _died(self) -> WorkerError:
        code = self._process.wait(CLOSE_SECONDS)
        if code is None:
            self.kill()
            return WorkerError(Status.FAILED, "closed its connection without an answer")
        if -code == signal.SIGKILL and oom_kills() > self._oom_kills:
            return WorkerError(Status.OUT_OF_MEMORY, "killed by the kernel: out of memory")
        reasons = [ending(code), self._process.last_words()]
        return WorkerError(Status.FAILED, self._in_which(": ".join(filter(None, reasons))))

    def _in_which(self, reason: str) -> str:
        """The reason with the interpreter, unless it is this one."""
        is_this = self._executable == sys.executable
        return reason if is_this else f"{reason} (in {self._executable})"


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


def oom_kills() -> int:
    """Processes this kernel has ended for want of memory since it booted; 0 if it is silent."""
    return Files().counters("proc/vmstat", "oom_kill").get("oom_kill", 0)

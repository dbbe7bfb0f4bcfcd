"""Sweeps that use PostgreSQL, each played by a process of its own, which can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

Eventually = Callable[[Callable[[], object]], bool]
AreGone = Callable[[Sequence[psutil.Process]], bool]
Ask = Callable[[str, str], list[tuple[Any, ...]]]
SharedMemory = Callable[[int], list[str]]

PATIENCE = 300.0
"""Seconds after which something that must happen counts as not happening."""
PARENT = """
import json, os, signal, subprocess, sys
from embprof.errors import ServiceError
from embprof.interruptions import interruptible_once
from embprof.services.postgres import Postgres

def tell(**words):
    print(json.dumps(words), flush=True)

signal.signal(signal.SIGINT, signal.default_int_handler)  # may be ignored, in the background
fds = len(os.listdir("/proc/self/fd"))
service = Postgres(dsn=json.loads(sys.argv[1]))
try:
    with interruptible_once():
        try:
            facts = service.start(lambda words: tell(say=words))
            # Like a worker: it lives on, and must have got nothing that keeps the server alive.
            worker = subprocess.Popen(["sleep", "300"], close_fds=False)
            tell(ready=facts, worker=worker.pid)
            sys.stdin.read()
            worker.kill()
            worker.wait()
        finally:
            service.stop()
            service.stop()
except ServiceError as error:
    tell(error=str(error))
left = subprocess.run(["ps", "-o", "pid=", "--ppid", str(os.getpid())], capture_output=True)
tell(fds=len(os.listdir("/proc/self/fd")) - fds, children=len(left.stdout.split()) - 1)
"""


class Parent:
    """A process that uses a server as a sweep does."""

    def __init__(
        self, dsn: str | None, place: Path, variables: Mapping[str, str], user: list[str]
    ) -> None:
        self._process = subprocess.Popen(
            [*user, sys.executable, "-c", PARENT, json.dumps(dsn)],
            env={**os.environ, "TMPDIR": str(place), **variables},
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []
        self.facts: dict[str, Any] = {}
        self.worker: int | None = None

    def hear(self) -> dict[str, Any]:
        """The next that it tells beside what it says to the user; empty when it has ended."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            words: dict[str, Any] = json.loads(line)
            if "say" not in words:
                return words
            self.said.append(words["say"])
        return {}

    def hear_a_word(self) -> None:
        """Returns when it has said something."""
        assert self._process.stdout is not None
        self.said.append(json.loads(self._process.stdout.readline())["say"])

    def wait_ready(self) -> Parent:
        words = self.hear()
        assert "ready" in words, words
        self.facts, self.worker = words["ready"], words["worker"]
        return self

    def family(self) -> list[psutil.Process]:
        """The processes of the server and their keeper."""
        found = psutil.Process(self._process.pid).children(recursive=True)
        return [one for one in found if one.pid != self.worker]

    @property
    def keeper(self) -> psutil.Process:
        mine = psutil.Process(self._process.pid).children()
        (keeper,) = (one for one in mine if one.pid != self.worker)
        return keeper

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        self._process.send_signal(number)

    def interrupt(self) -> None:
        """What ctrl-C in a terminal does."""
        os.killpg(self._process.pid, signal.SIGINT)

    def finish(self) -> dict[str, Any]:
        """Lets it end, and returns the last that it tells."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        last: dict[str, Any] = {}
        while words := self.hear():
            last = words
        self._process.wait(PATIENCE)
        return last

    def end(self) -> None:
        """Leaves nothing of it behind, whatever the test found."""
        family = self.family() if self._process.poll() is None else []
        self._process.kill()
        if self.worker is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(self.worker).kill()
        wait_until(lambda: all(map(is_gone, family)))  # killed, they would leave shared memory
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait(PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A folder that stands for the system's temporary one, and sweeps that use it."""

    place: Path
    parents: list[Parent]

    def start(
        self, dsn: str | None = None, *, user: tuple[str, ...] = (), **variables: str
    ) -> Parent:
        parent = Parent(dsn, self.place, variables, list(user))
        self.parents.append(parent)
        return parent

    def ready(self, dsn: str | None = None, **variables: str) -> Parent:
        return self.start(dsn, user=(), **variables).wait_ready()

    @property
    def folders(self) -> list[Path]:
        return list(self.place.glob("embprof-postgres-*"))


@pytest.fixture
def place() -> Iterator[Path]:
    """Stands for the system's temporary folder.

    Not in pytest's own, which is closed to the user that root's servers run as.
    """
    with tempfile.TemporaryDirectory(prefix="embprof-test-", dir="/tmp") as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.fixture
def stage(place: Path) -> Iterator[Stage]:
    """Where a test plays."""
    stage = Stage(place=place, parents=[])
    yield stage
    for parent in stage.parents:
        parent.end()


@pytest.fixture(scope="module")
def own() -> Iterator[str]:
    """The address of a server that a user may have."""
    with tempfile.TemporaryDirectory(prefix="embprof-test-", dir="/tmp") as name:
        Path(name).chmod(0o777)
        server = Parent(None, Path(name), {}, [])
        try:
            yield str(server.wait_ready().facts["dsn"])
            server.finish()
        finally:
            server.end()


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """Whether something happens before patience is used up."""
    return wait_until


@pytest.fixture(scope="session")
def are_gone() -> AreGone:
    """Whether processes have ended."""
    return lambda processes: all(map(is_gone, processes))


@pytest.fixture(scope="session")
def ask() -> Ask:
    """What a server answers to a statement, given its address."""

    def execute(dsn: str, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(dsn, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    return execute


@pytest.fixture(scope="session")
def shared_memory() -> SharedMemory:
    """What a server has of the system's shared memory, which no folder shows."""

    def look(pid: int) -> list[str]:
        segments = Path("/proc/sysvipc/shm").read_text().splitlines()
        return [line for line in segments if line.split()[4] == str(pid)]

    return look


def wait_until(happened: Callable[[], object]) -> bool:
    end = time.monotonic() + PATIENCE
    while not happened() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(happened())


def is_gone(process: psutil.Process) -> bool:
    """In a container there may be nobody to bury the dead."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True

"""A worker's process as its parent sees it, however it was started."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from typing import IO, Protocol

from embprof.errors import WorkerError
from embprof.model import Status
from embprof.sampling import interpreter, roles

POLL_SECONDS = 0.002
"""Between two looks at a process that is ending; nothing is measured then."""
END_SECONDS = 5.0
"""How long a server that has closed its end may take to be gone."""


class Process(Protocol):
    """A process that ends by itself or is ended."""

    @property
    def pid(self) -> int:
        """Its process id."""

    def wait(self, seconds: float | None) -> int | None:
        """Its exit code (minus the signal that ended it), None if it still runs by then."""

    def signal(self, number: int) -> None:
        """Sends a signal to it, and to its process group where it leads one.

        Nothing where it is known to have ended: the number may be another's by now.
        """

    def kill(self) -> None:
        """Ends it at once, with its process group, and waits until it is gone."""

    def last_words(self) -> str:
        """The last line it printed while it had no log yet; of a traceback, the error."""


class Fresh:
    """A process with an interpreter of its own."""

    def __init__(
        self, executable: str, environment: Mapping[str, str], connection: int, lifeline: int
    ) -> None:
        """Raises WorkerError when there is no such interpreter."""
        self._popen, self._output = _started(
            executable, "worker", (connection, lifeline), environment
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    def wait(self, seconds: float | None) -> int | None:
        """As :class:`Process`."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def signal(self, number: int) -> None:
        """As :class:`Process`."""
        if self._popen.returncode is None:
            _signal_all(self.pid, number)

    def kill(self) -> None:
        """As :class:`Process`."""
        self.signal(signal.SIGKILL)
        self._popen.wait()
        self._output.close()

    def last_words(self) -> str:
        """As :class:`Process`."""
        return _last_line(self._output)


class Server:
    """A process with the imports done, of which workers are forked in some 20 ms."""

    def __init__(self, executable: str, *, environment: Mapping[str, str], heavy: bool) -> None:
        """Raises WorkerError when there is no such interpreter."""
        self._executable = executable
        role = roles.heavy_server if heavy else roles.light_server
        self._line, theirs = socket.socketpair()
        try:
            with theirs:
                self._popen, self._output = _started(
                    executable, role.__name__, (theirs.fileno(),), environment
                )
        except WorkerError:
            self._line.close()
            raise
        self._is_ready = False

    @property
    def is_gone(self) -> bool:
        """Whether it has ended, or was."""
        return self._popen.poll() is not None

    def fork(self, connection: int, lifeline: int) -> Forked:
        """A new worker that owns these; raises WorkerError if this interpreter cannot run one."""
        self.wait_ready()
        return Forked(self, int(self._ask(roles.START, connection, lifeline)))

    def exit_code(self, pid: int) -> int | None:
        """Exit code of a worker forked here, None while it runs. To be asked until it is known.

        Raises WorkerError when the server is gone, and what it knew with it.
        """
        code = self._ask(b"%s %d" % (roles.ENDED, pid)).strip()
        return int(code) if code else None

    def wait_ready(self) -> None:
        """Returns when the imports are done; raises WorkerError if they cannot be done."""
        if not self._is_ready:
            self._ask(b"")
            self._is_ready = True

    def close(self) -> None:
        """Ends the server; workers forked of it end with their own lifelines."""
        self._line.close()
        self._popen.kill()
        self._popen.wait()
        self._output.close()

    def _ask(self, request: bytes, *fds: int) -> bytes:
        """The answer to a request, or to none what it says by itself."""
        answer = b""
        try:
            with contextlib.suppress(OSError):
                if request:
                    socket.send_fds(self._line, [request], fds)
                answer = self._line.recv(roles.LARGEST_MESSAGE)
        except KeyboardInterrupt:
            self.close()  # an answer still on its way would be taken for that to the next request
            raise
        if not answer:
            reason = self._why_gone()
            self.close()
            raise WorkerError(Status.FAILED, reason)
        return answer

    def _why_gone(self) -> str:
        ended = "it closed its connection"
        with contextlib.suppress(subprocess.TimeoutExpired):
            ended = ending(self._popen.wait(END_SECONDS))
        if self._is_ready:
            return f"the server that workers are forked of is gone: {ended}"
        output = "" if self._output.closed else _last_line(self._output)
        return f"{self._executable} cannot run a worker: {output or ended}"


class Forked:
    """A process forked of a server."""

    def __init__(self, server: Server, pid: int) -> None:
        self._server = server
        self._code: int | None = None
        self.pid = pid

    def wait(self, seconds: float | None) -> int | None:
        """As :class:`Process`; None too when the server is gone and nobody knows."""
        end = None if seconds is None else time.monotonic() + seconds
        while self._code is None and not self._server.is_gone:
            with contextlib.suppress(WorkerError):
                self._code = self._server.exit_code(self.pid)
            if self._code is not None or (end is not None and time.monotonic() > end):
                break
            time.sleep(POLL_SECONDS)
        return self._code

    def signal(self, number: int) -> None:
        """As :class:`Process`; nothing too when the server is gone, and the number with it."""
        if self._code is None and not self._server.is_gone:
            _signal_all(self.pid, number)

    def kill(self) -> None:
        """As :class:`Process`; without its server it ends when its lifeline is closed."""
        self.signal(signal.SIGKILL)
        self.wait(None)

    def last_words(self) -> str:
        """As :class:`Process`: none, all the interpreter says is said by its server."""
        return ""


def ending(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"ended by itself with exit code {code}"
    with contextlib.suppress(ValueError):  # real-time signals have no names
        return f"killed by signal {-code} ({signal.Signals(-code).name})"
    return f"killed by signal {-code}"


def _signal_all(pid: int, number: int) -> None:
    """Signals a process that nobody has waited for yet, and its group where it leads one."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):  # it leads none
            os.killpg(pid, number)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _started(
    executable: str, role: str, fds: tuple[int, ...], environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    """A process in that role and the file that takes what it prints."""
    output = tempfile.TemporaryFile()  # noqa: SIM115  (it is whoever has the process who closes it)
    try:
        environment = {**os.environ, **environment}
        popen = interpreter.start(executable, role, fds, environment=environment, output=output)
    except OSError as error:
        output.close()
        raise WorkerError(Status.FAILED, f"{executable}: {error.strerror}") from None
    return popen, output


def _last_line(output: IO[bytes]) -> str:
    output.seek(0)
    lines = output.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""

"""Asks a warm process (warm_process.py) for processes, and is to each what ``Popen`` would be.

A connection is one process: the request goes out on it with the files that the process gets, its id
comes back, and when it has ended its exit code.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LARGEST_MESSAGE = 1 << 20
LATE = frozenset(
    {
        *("BASE", "MLFLOW_TRACKING_URI", "PATH", "PYTEST_CURRENT_TEST"),
        *("OLDPWD", "PWD", "SHLVL", "_"),  # a shell's own
        "SLOWER",  # of a module that a test writes
    }
)
LATE_PREFIXES = ("CI_", "EMBPROF_", "GITHUB_", "GIT_")
"""Variables that nothing reads while it is imported: what was imported without them is the same."""


class Forked:
    """A process forked of a warm one."""

    def __init__(self, address: str, request: Mapping[str, Any], files: Sequence[int]) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.connect(address)
        message = json.dumps(request).encode()
        socket.send_fds(self._line, [message], files)
        self.pid = int(self._answer())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, minus the number of the signal that ended it; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has one; raises TimeoutExpired as Popen does."""
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                self.returncode = int(self._answer())
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0) from None
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _answer(self) -> bytes:
        answer = self._line.recv(LARGEST_MESSAGE)
        assert answer, "the warm process is gone"
        return answer


def ask(address: str, request: Mapping[str, Any]) -> str:
    """The answer to a request that makes no process."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.connect(address)
        line.sendall(json.dumps(request).encode())
        return line.recv(LARGEST_MESSAGE).decode()


def settled(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that a library may read while it is imported."""
    return {
        name: value
        for name, value in environment.items()
        if name not in LATE and not name.startswith(LATE_PREFIXES)
    }


def stand_in(address: str, environment: Mapping[str, str]) -> None:
    """What a shell's script has for ``python -m embprof``; ``environment`` is the settled one."""
    words = sys.argv[1:]
    if settled(os.environ) != environment:
        os.execv(sys.executable, [sys.executable, "-m", "embprof", *words])
    request = {
        "module": "embprof",
        "words": words,
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "site": None,
        "shares_servers": True,
    }
    code = Forked(address, request, [1, 2]).wait()
    sys.exit(code if code >= 0 else 128 - code)

"""The keeper's process, as the sweeping process sees it."""

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psutil

from embprof.errors import ServiceError
from embprof.own_modules import path_to_ours

BEGIN = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from embprof.services.postgres.keeper import main
sys.exit(main())
"""
"""Finds embprof and the packages where this process does, wherever that is."""
END_SECONDS = 20.0
"""How long the keeper may take to end the server; a tenth of a second is usual."""
LAST_SECONDS = 0.5
"""Between the last that it has to tell and its end."""
KNOCKING_SECONDS = 1.0
KILLED_SECONDS = 5.0
"""How long a server may take to notice that its keeper was killed."""
POLL_SECONDS = 0.01


class KeeperProcess:
    """A keeper that was asked for a server, or to clean up after one that was killed."""

    def __init__(
        self, dsn: str | None, say: Callable[[str], None], *, instead_of: str | None = None
    ) -> None:
        self._dsn = dsn
        self._say = say
        self._only_cleans = instead_of is not None
        self._folder: str | None = None
        self._server: psutil.Process | None = None
        self._unread = b""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by end)
        # Its own session: ctrl-C in a terminal is for the sweep, which then ends this.
        self._process = subprocess.Popen(  # noqa: S603  (this interpreter, and our own words)
            [sys.executable, "-P", "-c", BEGIN, json.dumps(path_to_ours())],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._lifeline, self._answers = self._process.stdin, self._process.stdout
        with contextlib.suppress(BrokenPipeError):  # it is gone: reading its answer will tell
            request = {"dsn": dsn, "instead_of": instead_of}
            self._lifeline.write(f"{json.dumps(request)}\n".encode())

    def ready(self) -> dict[str, Any]:
        """The facts of the server once it answers; raises ServiceError when it cannot."""
        for message in self._messages(None):
            if "ready" in message:
                facts: dict[str, Any] = message["ready"]
                return facts
            if "error" in message:
                raise ServiceError(message["error"])
        code = self._process.wait()
        self._errors.seek(0)
        printed = self._errors.read().decode(errors="replace").strip()
        raise ServiceError(
            f"the process that keeps PostgreSQL ended with exit code {code} before the server "
            f"answered{': ' if printed else ''}{printed}"
        )

    def end(self) -> None:
        """Returns when the server has ended and what was made is gone; says what is left."""
        self._lifeline.close()
        self._hear_out(KNOCKING_SECONDS)
        if not self._is_knocking:
            self._hear_out(END_SECONDS)
        try:
            self._process.wait(LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._answers.close()
        self._errors.close()
        if self._process.wait() < 0:
            self._clean_up()

    @property
    def _is_knocking(self) -> bool:
        """Whether it waits for the user's server to answer, and has made nothing yet."""
        return self._dsn is not None and self._folder is None and not self._only_cleans

    def _hear_out(self, seconds: float) -> None:
        for message in self._messages(seconds):
            if "error" in message:
                self._say(message["error"])

    def _clean_up(self) -> None:
        """Does what the keeper did not live to do."""
        if self._server is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                everyone = [self._server, *self._server.children()]
                for process in _still_there(everyone):
                    process.kill()
                _still_there(everyone)
        if self._folder is not None:
            KeeperProcess(self._dsn, self._say, instead_of=self._folder).end()

    def _messages(self, seconds: float | None) -> Iterator[dict[str, Any]]:
        """What the keeper tells and the user need not hear, until it ends or the time is over."""
        end = None if seconds is None else time.monotonic() + seconds
        while (line := self._line(end)) is not None:
            message: dict[str, Any] = json.loads(line)
            if "say" in message:
                self._say(message["say"])
            elif "folder" in message:
                self._folder = message["folder"]
            elif "pid" in message:
                with contextlib.suppress(psutil.NoSuchProcess):
                    self._server = psutil.Process(message["pid"])
            else:
                yield message

    def _line(self, end: float | None) -> bytes | None:
        while b"\n" not in self._unread:
            left = None if end is None else max(0.0, end - time.monotonic())
            if not select.select([self._answers], [], [], left)[0]:
                return None
            piece = os.read(self._answers.fileno(), 65536)
            if not piece:
                return None
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        return line


def _still_there(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended by themselves when patience is over.

    They are nobody's children, and in a container without an init stay zombies when they end.
    """
    end = time.monotonic() + KILLED_SECONDS
    while (left := [one for one in processes if _runs(one)]) and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

"""Tells a process that its parent is gone, or that it was asked to end, when it is ready to hear.

Signals do nothing but be noted: whoever cleans up is not to be interrupted. That the parent is gone
is seen by the end of the pipe that it holds.
"""

import os
import select
import signal
import subprocess
import time


class Ended(Exception):  # noqa: N818  (no error: it is what is waited for)
    """The parent is gone, or a signal asked this process to end."""


class Lifeline:
    """The reading end of a pipe that lives as long as the parent does."""

    def __init__(self, pipe: int) -> None:
        """From now on SIGINT, SIGTERM and SIGHUP are noted, to be found by :meth:`wait`."""
        self._pipe = pipe
        self._noted, writing_end = os.pipe()
        os.set_blocking(self._noted, False)
        os.set_blocking(writing_end, False)
        signal.set_wakeup_fd(writing_end, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)

    def read_line(self) -> bytes:
        """The first line that the parent sends; raises Ended if it does not."""
        line = b""
        while not line.endswith(b"\n"):
            self.wait(readable=True)
            byte = os.read(self._pipe, 1)
            if not byte:
                raise Ended
            line += byte
        return line

    def wait(
        self,
        child: subprocess.Popen[bytes] | None = None,
        *,
        seconds: float | None = None,
        readable: bool = False,
    ) -> None:
        """Returns when the child has ended, the time is over, or there is something to read.

        The last only if asked. Raises Ended as soon as the parent is gone or a signal came.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while child is None or child.poll() is None:
            left = None if end is None else max(0.0, end - time.monotonic())
            ready, _, _ = select.select([self._pipe, self._noted], [], [], left)
            if not ready:
                return
            if self._noted in ready and set(os.read(self._noted, 1024)) - {signal.SIGCHLD}:
                raise Ended
            if self._pipe in ready:
                if readable:
                    return
                if not os.read(self._pipe, 1024):
                    raise Ended

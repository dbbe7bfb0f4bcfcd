"""A workload that fails as it is told."""

import os
import signal
import time
from dataclasses import dataclass

from embprof.testing.costs import Sleep


@dataclass(kw_only=True)
class Fails(Sleep):
    """Step number ``at`` (from 1) does what ``how`` says.

    ``raise`` an exception, ``exit`` with code 3, ``segfault``, ``kill`` itself with SIGKILL,
    ``hang`` without end, or ``eat`` memory until something gives (256 MB at a time).
    """

    how: str = "raise"
    at: int = 1

    def load(self) -> None:
        """Sets the count to zero."""
        self._steps = 0

    def step(self) -> int:
        """Sleeps, or fails when its time has come."""
        self._steps += 1
        if self._steps == self.at:
            getattr(self, f"_{self.how}")()
        return super().step()

    def _raise(self) -> None:
        raise RuntimeError("failed on purpose")

    def _exit(self) -> None:
        os._exit(3)

    def _segfault(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    def _kill(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _hang(self) -> None:
        while True:
            time.sleep(3600)

    def _eat(self) -> None:
        self._eaten = []
        while True:
            self._eaten.append(bytearray(os.urandom(1)) * 256_000_000)

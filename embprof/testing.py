"""Workloads of known cost and known faults, for tests of embprof and of what is built on it.

Use one in YAML as any other (``_target_: embprof.testing.Sleep``, ``seconds: 0.01``), or in Python
with :class:`FakeClock`, so that a timing can be asserted exactly.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class FakeClock:
    """A clock that moves only when told; call it as ``time.perf_counter``."""

    now: float = 0.0

    def __call__(self) -> float:
        """The time, in seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Moves the clock."""
        self.now += seconds


@dataclass(kw_only=True)
class Sleep:
    """Every step sleeps ``seconds`` and does ``batch_size`` items; no CPU is used."""

    seconds: float = 0.01
    batch_size: int = 1
    items: str = field(default="naps", init=False)

    def load(self) -> None:
        """Nothing to load."""

    def step(self) -> int:
        """Sleeps."""
        time.sleep(self.seconds)
        return self.batch_size

    def close(self) -> None:
        """Nothing to give back."""


@dataclass(kw_only=True)
class Busy(Sleep):
    """Every step computes for ``seconds`` of CPU time."""

    def step(self) -> int:
        """Spins until the CPU time is used up."""
        end = time.process_time() + self.seconds
        while time.process_time() < end:
            pass
        return self.batch_size


@dataclass(kw_only=True)
class Prints(Sleep):
    """Every step writes to standard output and error, from Python and from below it."""

    def step(self) -> int:
        """Prints, then sleeps."""
        print("chatter on stdout")  # noqa: T201  (that it prints is its purpose)
        print("chatter on stderr", file=sys.stderr)  # noqa: T201
        os.write(1, b"chatter from below\n")
        return super().step()


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

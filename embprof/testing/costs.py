"""Workloads of known cost."""

import os
import sys
import time
from dataclasses import dataclass, field


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

"""Workloads of known cost, in time and in memory."""

import os
import sys
import time
from dataclasses import dataclass, field

MEBIBYTE = 2**20


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
class Spike(Sleep):
    """Every step takes ``mebibytes`` for ``milliseconds``, gives them back, then sleeps.

    All of it is written to. From 32 MiB on it comes straight from the system and goes back to it
    at once (glibc keeps nothing that large: mallopt(3), M_MMAP_THRESHOLD).
    """

    mebibytes: int = 200
    milliseconds: float = 5.0
    seconds: float = 0.0

    def step(self) -> int:
        """Takes, holds, gives back."""
        taken = _touch(self.mebibytes)
        time.sleep(self.milliseconds / 1000)
        del taken
        return super().step()


@dataclass(kw_only=True)
class Holds(Sleep):
    """Takes ``loading`` MiB when it is loaded, ``calling`` MiB in its first step; keeps both."""

    loading: int = 100
    calling: int = 50
    seconds: float = 0.001

    def load(self) -> None:
        """Takes the first part."""
        self._held = [_touch(self.loading)]

    def step(self) -> int:
        """Takes the second part if it is the first step, then sleeps."""
        if len(self._held) == 1:
            self._held.append(_touch(self.calling))
        return super().step()

    def close(self) -> None:
        """Gives all back."""
        self._held.clear()


def _touch(mebibytes: int) -> bytearray:
    """Memory of which every byte has been written to."""
    return bytearray(b"\1") * (mebibytes * MEBIBYTE)

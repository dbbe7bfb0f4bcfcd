"""Workloads whose time is known to go to certain functions, or to waiting for a lock."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from embprof.interface.host_stages import HostStages
from embprof.testing.costs import Sleep


@dataclass(kw_only=True)
class Divides(HostStages, Sleep):
    """Every step computes: a ``share`` of its ``units`` in minor_part, the rest in major_part.

    The units are alike, so the shares are what they are however fast the machine is. Its stages are
    the two functions.
    """

    units: int = 100_000
    share: float = 0.25

    def step(self) -> int:
        """Computes in both functions."""
        minor = round(self.share * self.units)
        timer = self._timer
        if timer is None:
            minor_part(minor)
            major_part(self.units - minor)
            return self.batch_size
        with timer.stage("minor"):
            minor_part(minor)
        with timer.stage("major"):
            major_part(self.units - minor)
        return self.batch_size

    def stages(self) -> Sequence[str]:
        """One a function."""
        return ("minor", "major")


def minor_part(units: int) -> int:
    """Adds so many numbers."""
    total = 0
    for number in range(units):
        total += number
    return total


def major_part(units: int) -> int:
    """Adds so many numbers."""
    total = 0
    for number in range(units):
        total += number
    return total


@dataclass(kw_only=True)
class BlocksOnLock(Sleep):
    """Every step waits ``seconds`` for a lock that another thread holds."""

    def load(self) -> None:
        """Makes the lock, and starts the thread that takes it."""
        self._lock = threading.Lock()
        self._turn, self._held = threading.Semaphore(0), threading.Semaphore(0)
        self._is_over = False
        self._holder = threading.Thread(target=self._hold, daemon=True)
        self._holder.start()

    def step(self) -> int:
        """Lets the other have the lock, and wants it."""
        self._turn.release()
        self._held.acquire()
        with self._lock:
            return self.batch_size

    def close(self) -> None:
        """Ends the other thread."""
        self._is_over = True
        self._turn.release()
        self._holder.join()

    def _hold(self) -> None:
        while True:
            self._turn.acquire()
            if self._is_over:
                return
            with self._lock:
                self._held.release()
                time.sleep(self.seconds)

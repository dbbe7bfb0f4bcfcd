"""The device of a model, and a clock for what is handed to it. Imports torch: for workers only.

On a GPU a Python function returns when its kernels are queued, so the host's clock would give their
time to whatever waits next. Synchronising at every mark would be right and would also stop the
host from running ahead, which is much of what makes a GPU fast. So on CUDA every mark is two
readings: the host's clock, and an event that the device passes when it gets there. A stage is over
when host *and* device are through with it, at the later of the two; both only move forward, so
stages still add up to the wall time. Source: CUDA C++ Programming Guide, "Events"; elapsed time
between events has a resolution of about 0.5 µs (cudaEventElapsedTime).

On MPS there is no such pair of clocks; marks there wait for the device, and what that costs shows
in the measured overhead.
"""

import time
from collections.abc import Sequence

import torch

from embprof.errors import DeviceUnavailableError
from embprof.interface.stages import Clock, HostClock, later

Reading = tuple[float, torch.cuda.Event]


def choose(device: str) -> None:
    """Makes a CUDA device the current one; raises DeviceUnavailableError without CUDA."""
    if not device.startswith("cuda"):
        return
    if not torch.cuda.is_available():
        raise DeviceUnavailableError("the installed PyTorch has no CUDA")
    torch.cuda.set_device(int(device.partition(":")[2] or 0))


def clock_of(device: torch.device) -> Clock:
    """The clock for work on that device."""
    if device.type == "cuda":
        return CudaClock()
    return MpsClock() if device.type == "mps" else HostClock()


class CudaClock:
    """Host and device on one time line, from the moment it is made; the device is idle then."""

    def __init__(self) -> None:
        torch.cuda.synchronize()
        # Read in the same order as every mark, so that the way to the device cancels out.
        self._started, self._first = self.read()

    def read(self) -> Reading:
        """The host's time, and an event in the device's queue."""
        now = time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record()
        return now, event

    def seconds(self, readings: Sequence[Reading]) -> Sequence[float]:
        """When each was passed by host and device both."""
        torch.cuda.synchronize()
        host = [now for now, _ in readings]
        device = [self._started + self._first.elapsed_time(event) / 1e3 for _, event in readings]
        return later(self._started, host, device)


class MpsClock(HostClock):
    """The host's clock once the device has nothing left to do."""

    def read(self) -> float:
        """Seconds."""
        torch.mps.synchronize()
        return super().read()

"""Memory and utilisation of the NVIDIA GPU in use, read between slices.

``allocated`` is what tensors hold, ``reserved`` what PyTorch's allocator took from the driver for
them. Utilisation is the driver's own figure: the share of its last sampling period (1/6 to 1 s) in
which a kernel ran, read directly after a slice; it needs the package ``nvidia-ml-py`` (extra
``gpu``). Source: NVML API reference, ``nvmlDeviceGetUtilizationRates``.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any

from embprof.model import Samples


def reset_peak() -> None:
    """Starts a new high-water mark of allocated and reserved memory."""
    if (cuda := _cuda()) is not None:
        cuda.reset_peak_memory_stats()


def readings() -> list[Samples]:
    """Peaks since :func:`reset_peak` in MB, utilisation in percent."""
    cuda = _cuda()
    if cuda is None:
        return []
    peaks = {
        "gpu_allocated": cuda.max_memory_allocated() / 1e6,
        "gpu_reserved": cuda.max_memory_reserved() / 1e6,
    }
    found = [
        Samples(name=name, unit="MB", better="lower", values=(value,), summary="largest")
        for name, value in peaks.items()
    ]
    # No NVML bindings, or a GPU that does not tell: then there is no such figure.
    with contextlib.suppress(ModuleNotFoundError, RuntimeError):
        share = float(cuda.utilization())
        found.append(Samples(name="gpu_utilization", unit="%", better="lower", values=(share,)))
    return found


def _cuda() -> Any | None:
    """``torch.cuda`` once the workload has started it; never starts it."""
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_initialized() else None

"""Memory and utilisation of the NVIDIA GPU in use, read between slices.

``allocated`` is what tensors hold, ``reserved`` what PyTorch's allocator took from the driver for
them. Utilisation is the driver's own figure: the share of its last sampling period (1/6 to 1 s) in
which a kernel ran, read directly after a slice; it needs the package ``nvidia-ml-py`` (extra
``gpu``). Source: NVML API reference, ``nvmlDeviceGetUtilizationRates``.
"""

import contextlib
import sys
from typing import Any

from embprof.model import Samples


def reset_peak() -> None:
    """Starts a new high-water mark of allocated and reserved memory."""
    if (found := cuda()) is not None:
        found.reset_peak_memory_stats()


def readings() -> list[Samples]:
    """Peaks since :func:`reset_peak` in MB, utilisation in percent."""
    gpu = cuda()
    if gpu is None:
        return []
    peaks = {
        "gpu_allocated": gpu.max_memory_allocated() / 1e6,
        "gpu_reserved": gpu.max_memory_reserved() / 1e6,
    }
    found = [Samples.of(name, "MB", value, summary="largest") for name, value in peaks.items()]
    # No NVML bindings, or a GPU that does not tell: then there is no such figure.
    with contextlib.suppress(ModuleNotFoundError, RuntimeError):
        found.append(Samples.of("gpu_utilization", "%", float(gpu.utilization())))
    return found


def memory() -> list[Samples]:
    """What tensors hold while nobody calls, and what fragmentation costs.

    ``gpu_fragmentation``: the share of what was reserved at most that tensors never held at once,
    in percent. ``gpu_split``: the rest of blocks that are partly in use, which cannot be given back
    to the driver. Source: PyTorch, "CUDA semantics", memory management.
    """
    gpu = cuda()
    if gpu is None:
        return []
    reserved = gpu.max_memory_reserved()
    unused = 100 * (1 - gpu.max_memory_allocated() / reserved) if reserved else 0.0
    split = gpu.memory_stats().get("inactive_split_bytes.all.current", 0)
    return [
        Samples.of("gpu_steady_allocated", "MB", gpu.memory_allocated() / 1e6, summary="last"),
        Samples.of("gpu_split", "MB", split / 1e6, summary="last"),
        Samples.of("gpu_fragmentation", "%", unused, summary="last"),
    ]


def cuda() -> Any | None:
    """``torch.cuda`` once the workload has started it; never starts it."""
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_initialized() else None

"""State of the NVIDIA GPUs, as the driver's management library tells it.

No CUDA context is made, so the GPU that is to be measured stays free. Needs the package
``nvidia-ml-py`` (extra ``gpu``). Source: NVML API reference.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from embprof.machine import resources

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One GPU; None where it does not tell.

    ``persistent``: the driver keeps it ready while nobody uses it. ``processes`` compute on it now.
    """

    name: str
    persistent: bool | None
    processes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpus:
    """How many there are, and each of them where the bindings to ask them are installed."""

    count: int
    known: tuple[Gpu, ...]


def read() -> Gpus:
    """The GPUs of this machine; reading one wakes it, if nobody uses it."""
    names = resources.nvidia_gpus()
    return Gpus(count=len(names), known=_ask(bindings()) if names else ())


def bindings() -> Any | None:
    """The module ``pynvml``, where it is installed."""
    try:
        return importlib.import_module("pynvml")
    except ImportError:
        return None


def _ask(nvml: Any | None) -> tuple[Gpu, ...]:
    if nvml is None or _answer(nvml, lambda: nvml.nvmlInit() or True) is None:
        return ()
    try:
        count = _answer(nvml, nvml.nvmlDeviceGetCount) or 0
        return tuple(_gpu(nvml, index) for index in range(count))
    finally:
        nvml.nvmlShutdown()


def _gpu(nvml: Any, index: int) -> Gpu:
    handle = _answer(nvml, lambda: nvml.nvmlDeviceGetHandleByIndex(index))
    mode = _answer(nvml, lambda: nvml.nvmlDeviceGetPersistenceMode(handle))
    running = _answer(nvml, lambda: nvml.nvmlDeviceGetComputeRunningProcesses(handle))
    return Gpu(
        name=str(_answer(nvml, lambda: nvml.nvmlDeviceGetName(handle)) or f"GPU {index}"),
        persistent=None if mode is None else bool(mode),
        processes=None if running is None else len(running),
    )


def _answer(nvml: Any, ask: Callable[[], T]) -> T | None:
    """An answer of the driver, None where it refuses or has none."""
    try:
        return ask()
    except nvml.NVMLError:
        return None

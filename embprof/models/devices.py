"""Readies the device that a model is to be put on. Imports torch: for workers only."""

import torch

from embprof.errors import DeviceUnavailableError


def choose(device: str) -> None:
    """Makes a CUDA device the current one; raises DeviceUnavailableError without CUDA."""
    if not device.startswith("cuda"):
        return
    if not torch.cuda.is_available():
        raise DeviceUnavailableError("the installed PyTorch has no CUDA")
    torch.cuda.set_device(int(device.partition(":")[2] or 0))

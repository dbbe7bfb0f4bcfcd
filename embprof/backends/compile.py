"""PyTorch with the network compiled (``torch.compile``)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from embprof.backends import fitness
from embprof.backends.torch import Loaded, Torch
from embprof.interface.backend import Encoder, Judge, Network

if TYPE_CHECKING:
    pass


@dataclass(kw_only=True)
class Compile:
    """Runs the network with PyTorch, compiled for inputs of any size.

    Pooling and what follows stay as they are.
    """

    name: str
    dtype: Annotated[
        Literal["float32", "bfloat16", "float16"], Field(description="Type of the weights.")
    ]
    mode: Annotated[
        Literal["default", "reduce-overhead", "max-autotune"],
        Field(description="How hard the compiler looks for fast code."),
    ]

    def imports(self) -> tuple[str, ...]:
        """Modules that a service with this backend imports when it starts."""
        return ("torch", "sentence_transformers")

    def problems(self, network: Network) -> Iterator[str]:
        """A compiler that is not installed."""
        if (
            network.device == "cpu"
            and shutil.which(compiler := os.environ.get("CXX", "g++")) is None
        ):
            yield (
                f"backend={self.name}: torch.compile needs a C++ compiler, and {compiler} is not "
                "installed; install g++, or set CXX"
            )
        if network.device.startswith("cuda") and not fitness.is_installed("triton"):
            yield (
                f"backend={self.name}: torch.compile needs the package triton on a GPU; "
                "pip install triton"
            )
        yield from fitness.no_network(self.name, network)

    def remarks(self, network: Network) -> Iterator[str]:
        """That the first calls compile; a type that this processor only emulates."""
        yield (
            f"backend={self.name}: the network is compiled within the first calls, half a minute "
            "for one of 22 M parameters on 2 CPUs; what was compiled once is taken from PyTorch's "
            "cache the next time"
        )
        yield from self._torch.remarks(network)

    def encoder(self, network: Network) -> Encoder:
        """The network for texts; raises DeviceUnavailableError and ModelNotFoundError."""
        from embprof.backends.torch_network import TorchEncoder

        return TorchEncoder(self._compiled(self._torch.load_encoder(network)), in_one_piece=True)

    def judge(self, network: Network) -> Judge:
        """The network for pairs; raises what ``encoder`` does, and RequestError for its labels."""
        from embprof.backends.torch_network import TorchJudge

        return TorchJudge(self._compiled(self._torch.load_judge(network)), in_one_piece=True)

    @property
    def _torch(self) -> Torch:
        return Torch(name=self.name, dtype=self.dtype)

    def _compiled(self, model: Loaded) -> Loaded:
        import torch

        first: Any = model[0]  # which calls its network's forward, and not the network
        first.model.forward = torch.compile(first.model.forward, mode=self.mode, dynamic=True)
        return model

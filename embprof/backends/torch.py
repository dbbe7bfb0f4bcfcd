"""PyTorch as sentence-transformers runs it: the reference for every other backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import Field

from embprof.backends import fitness
from embprof.interface.backend import Encoder, Judge, Network

if TYPE_CHECKING:
    from embprof.models.cross_encoder import CountingCrossEncoder
    from embprof.models.encoder import CountingEncoder

Loaded = TypeVar("Loaded", "CountingEncoder", "CountingCrossEncoder")
INT8 = "int8"


@dataclass(kw_only=True)
class Torch:
    """Runs the network with PyTorch.

    int8: weights of each linear layer, activations as they come (dynamic quantisation), on the CPU.
    """

    name: str
    dtype: Annotated[
        Literal["float32", "bfloat16", "float16", "int8"],
        Field(description="Type of the weights; int8 of those of linear layers, on a CPU alone."),
    ]

    def imports(self) -> tuple[str, ...]:
        """Modules that a service with this backend imports when it starts."""
        return ("torch", "sentence_transformers")

    def problems(self, network: Network) -> Iterator[str]:
        """A type that the device has not."""
        if self.dtype == INT8 and network.device != "cpu":
            yield (
                f"backend.dtype=int8: PyTorch has dynamic quantisation on the CPU alone, not on "
                f"{network.device}; use device=cpu, or backend.dtype=float16"
            )

    def remarks(self, network: Network) -> Iterator[str]:
        """A type that this processor only emulates."""
        if network.device != "cpu":
            return
        yield from fitness.emulated(self.dtype)
        if self.dtype == "float16":
            yield (
                f"backend={self.name} dtype=float16: on a CPU PyTorch computes it many times "
                "slower than float32"
            )

    def encoder(self, network: Network) -> Encoder:
        """The network for texts; raises DeviceUnavailableError and ModelNotFoundError."""
        from embprof.backends.torch_network import TorchEncoder

        return TorchEncoder(self.load_encoder(network))

    def judge(self, network: Network) -> Judge:
        """The network for pairs; raises what ``encoder`` does, and RequestError for its labels."""
        from embprof.backends.torch_network import TorchJudge

        return TorchJudge(self.load_judge(network))

    def load_encoder(self, network: Network) -> CountingEncoder:
        """The model of sentence-transformers on its device, in the type asked for."""
        from embprof.models import encoder

        return self._load(encoder.load, network)

    def load_judge(self, network: Network) -> CountingCrossEncoder:
        """The same for pairs."""
        from embprof.models import cross_encoder

        return self._load(cross_encoder.load, network)

    def _load(self, load: Callable[..., Loaded], network: Network) -> Loaded:
        from embprof.models import devices

        devices.choose(network.device)
        is_int8 = self.dtype == INT8
        found = load(
            network.model,
            device=network.device,
            dtype="float32" if is_int8 else self.dtype,
            seed=network.seed,
        )
        if is_int8:
            from embprof.backends.torch_network import quantise

            quantise(found)
        return found

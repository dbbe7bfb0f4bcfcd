"""What a model's weights say of pairs at their most exact: alone, in float32. For workers only.

A batch of one has no padding and no neighbours. It is slow, and the same for every batch size, type
and backend that is compared with it, so it is kept on disk by all that it depends on. A worker
whose backend has no PyTorch has it made by a process of its own.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embprof.backends.finding import REFERENCE, made
from embprof.interface.array_cache import cached_array
from embprof.interface.backend import Judge, Network, Truncate
from embprof.machine import own_process, resources
from embprof.models import weights

KIND, VERSION = "nli_reference", 2
MAKE = "embprof.workloads.nli.reference.make"
"""The import path of :func:`make`."""
Texts = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a network of pairs would say; ``truncate`` as it is cut.

    ``loaded`` is a judge that answers so itself, with the limit that it is left at; None where one
    is yet to be loaded.
    """

    network: Network
    truncate: Truncate
    loaded: Judge | None

    def logits(self, pairs: Sequence[Texts], limit: int) -> NDArray[np.float32]:
        """Logits of each pair, cut at so many tokens: (N, 3).

        Raises BuildError where they cannot be made in a process of their own.
        """
        name = self._name(pairs, limit)
        if self.loaded is not None:
            judge = self.loaded
            return cached_array(name, lambda: _alone(judge, pairs, self.truncate, limit))
        return cached_array(name, lambda: self._made_elsewhere(pairs, limit))

    def _made_elsewhere(self, pairs: Sequence[Texts], limit: int) -> NDArray[np.float32]:
        with tempfile.TemporaryDirectory(prefix="embprof-") as folder:
            file = Path(folder) / "logits.npy"
            network = self.network
            own_process.call(
                MAKE,
                {
                    "model": network.model.model_dump(),
                    "device": network.device,
                    "seed": network.seed,
                    "truncate": self.truncate,
                    "limit": limit,
                    "pairs": list(pairs),
                    "file": str(file),
                },
                log=None,
                say=print,
            )
            logits: NDArray[np.float32] = np.load(file, allow_pickle=False)
        return logits

    def _name(self, pairs: Sequence[Texts], limit: int) -> list[Any]:
        network = self.network
        made_by = weights.identity(network.model, seed=network.seed)
        where = _where(network.device)
        return [KIND, VERSION, made_by, *where, self.truncate, limit, list(pairs)]


def make(request: Mapping[str, Any], _: own_process.Say) -> None:
    """Writes the logits of pairs into a file; called in a process of its own."""
    judge = made(REFERENCE).judge(Network.of(request, "judge"))
    pairs = [(first, second) for first, second in request["pairs"]]
    np.save(request["file"], _alone(judge, pairs, request["truncate"], request["limit"]))


def _alone(
    judge: Judge, pairs: Sequence[Texts], truncate: Truncate, limit: int
) -> NDArray[np.float32]:
    before = judge.limit
    judge.truncate(truncate, limit)
    try:
        return judge.predict(pairs, batch_size=1)
    finally:
        judge.limit = before


def _where(device: str) -> list[Any]:
    """Kind of device, which rounds in its own way."""
    kind = device.partition(":")[0]
    name = resources.cpu_model() if kind == "cpu" else resources.accelerator(device)
    return [kind, name]

"""What a model's weights say of pairs at their most exact: alone, in float32. For workers only.

A batch of one has no padding and no neighbours. It is slow, and the same for every batch size and
type that is compared with it, so it is kept on disk by all that it depends on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from embprof.interface.array_cache import cached_array
from embprof.interface.network import Model
from embprof.machine import resources
from embprof.models import cross_encoder, weights
from embprof.models.cross_encoder import CountingCrossEncoder, Truncate

KIND, VERSION = "nli_reference", 2
DTYPE = "float32"
Texts = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a loaded model would say; ``truncate`` as it is cut, ``seed`` of random weights."""

    loaded: CountingCrossEncoder
    model: Model
    seed: int
    truncate: Truncate

    def logits(self, pairs: Sequence[Texts], limit: int) -> NDArray[np.float32]:
        """Logits of each pair, cut at so many tokens: (N, 3). The loaded model stays as it was."""
        made_by = weights.identity(self.model, seed=self.seed)
        name = [KIND, VERSION, made_by, *_where(self.loaded.device)]
        return cached_array(
            [*name, self.truncate, limit, list(pairs)], lambda: self._alone(pairs, limit)
        )

    def _alone(self, pairs: Sequence[Texts], limit: int) -> NDArray[np.float32]:
        encoder = self.loaded
        if encoder.dtype != torch.float32:
            encoder = cross_encoder.load(
                self.model, device=str(encoder.device), dtype=DTYPE, seed=self.seed
            )
        with encoder.truncated(self.truncate, limit):
            logits: NDArray[np.float32] = encoder.predict(
                list(pairs), batch_size=1, show_progress_bar=False
            )
        return logits


def _where(device: torch.device) -> list[Any]:
    """Kind of device, which rounds in its own way."""
    kind = resources.cpu_model() if device.type == "cpu" else resources.accelerator(str(device))
    return [device.type, kind]

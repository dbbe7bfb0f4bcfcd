"""Networks with random weights. Imports torch: for workers only.

They are drawn in float32 and then made the type asked for, as trained weights are: one seed is one
set of weights whatever their type, so that what types change can be seen.
"""

from typing import Any

import torch
from transformers import AutoConfig

from embprof.interface.network import Architecture


def network(kind: Any, config: Any, *, dtype: torch.dtype, seed: int) -> Any:
    """The network that ``kind`` (an Auto class of transformers) makes of a configuration."""
    torch.manual_seed(seed)
    return kind.from_config(config, dtype=torch.float32).to(dtype).eval()


def config_of(architecture: Architecture, **more: Any) -> Any:
    """The configuration of a shape, with what a task needs beside it."""
    shape = architecture.model_dump(exclude={"max_tokens", "pooling", "model_type"})
    return AutoConfig.for_model(architecture.model_type, **shape, **more)

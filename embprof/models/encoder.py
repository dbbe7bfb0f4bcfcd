"""Loads a sentence encoder that counts its tokens. Imports torch: for workers only.

sentence-transformers calls ``self.preprocess`` and ``self.forward`` of the encoder from ``encode``,
so a subclass sees every batch; hooks on the inner transformer would never fire (its ``forward`` is
called directly). What it keeps is a reference to each attention mask; adding them up waits until
asked.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from tqdm import tqdm
from transformers import AutoConfig, AutoModel

from embprof.config.network import Architecture, Model
from embprof.models import weights

# tqdm's default lock is a semaphore of the system, which a killed worker would leave behind.
tqdm.set_lock(threading.RLock())

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class CountingEncoder(SentenceTransformer):
    """A SentenceTransformer that knows how many tokens, padding included, it was given."""

    def preprocess(self, inputs: Any, prompt: str | None = None, **kwargs: Any) -> Any:
        """As the original; remembers the attention mask, (B, T): 1 for a token, 0 for padding."""
        features = super().preprocess(inputs, prompt, **kwargs)
        self.__dict__.setdefault("masks", []).append(features.get("attention_mask"))
        return features

    def counts(self) -> Mapping[str, float]:
        """Tokens, padded tokens and forward passes since the last call."""
        masks = self.__dict__.pop("masks", [])
        known = [mask for mask in masks if mask is not None]
        return {
            "tokens": float(sum(int(mask.sum()) for mask in known)),
            "padded_tokens": float(sum(mask.numel() for mask in known)),
            "forward_passes": float(len(masks)),
        }


def load(model: Model, *, device: str, dtype: str, seed: int) -> CountingEncoder:
    """The encoder on its device, ready to encode.

    Raises ModelNotFoundError as :func:`embprof.models.weights.locate` does; hashes are the business
    of the process that plans, so that no worker spends its start on them.
    """
    _, located = weights.locate(model)
    folder = str(located or weights.bert_tokenizer_folder())
    encoder = CountingEncoder(folder, device=device, model_kwargs={"dtype": DTYPES[dtype]})
    if model.weights == "random":
        torch.manual_seed(seed)
        encoder = _randomised(encoder, model.architecture, DTYPES[dtype])
        encoder.to(device)
    return encoder.eval()


def _randomised(
    encoder: CountingEncoder, architecture: Architecture | None, dtype: torch.dtype
) -> CountingEncoder:
    """The encoder with random weights, in the shape given or else in its own."""
    transformer: Any = encoder[0]
    build: Any = AutoModel.from_config  # transformers leaves it untyped
    if architecture is None:
        transformer.model = build(transformer.model.config, dtype=dtype).eval()
        return encoder
    shape = architecture.model_dump(exclude={"max_tokens", "pooling", "model_type"})
    config = AutoConfig.for_model(architecture.model_type, **shape)
    transformer.model = build(config, dtype=dtype).eval()
    transformer.max_seq_length = architecture.max_tokens
    pooling = Pooling(architecture.hidden_size, pooling_mode=architecture.pooling)
    return CountingEncoder(modules=[transformer, pooling, Normalize()])

"""Loads a sentence encoder that counts its tokens. Imports torch: for workers only."""

import threading
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from tqdm import tqdm
from transformers import AutoModel

from embprof.interface.network import Architecture, Model
from embprof.models import random_weights, weights
from embprof.models.saved_model import modules_of
from embprof.models.token_counts import CountsTokens

# tqdm's default lock is a semaphore of the system, which a killed worker would leave behind.
tqdm.set_lock(threading.RLock())

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class CountingEncoder(CountsTokens, SentenceTransformer):
    """A SentenceTransformer that knows how many tokens, padding included, it was given."""

    assumed_pooling: str | None = None
    """How token vectors become one where the model's files do not say: what was taken then."""


def load(model: Model, *, device: str, dtype: str, seed: int) -> CountingEncoder:
    """The encoder on its device, ready to encode.

    Raises ModelNotFoundError as :func:`embprof.models.weights.locate` does; hashes are the business
    of the process that plans, so that no worker spends its start on them.
    """
    folder = str(weights.folder_to_load(model))
    encoder = CountingEncoder(
        folder,
        device=device,
        model_kwargs={"dtype": DTYPES[dtype]},
        trust_remote_code=model.trust_remote_code,
    )
    if encoder.transformers_model is None:  # which alone takes a type when it is loaded
        encoder.to(DTYPES[dtype])
    if model.weights == "random":
        encoder = _with_random_weights(encoder, model.architecture, DTYPES[dtype], seed)
        encoder.to(device)
    if not modules_of(Path(folder)):
        pooling = [module for module in encoder.children() if isinstance(module, Pooling)]
        encoder.assumed_pooling = str(pooling[0].pooling_mode) if pooling else None
    return encoder.eval()


def _with_random_weights(
    encoder: CountingEncoder, architecture: Architecture | None, dtype: torch.dtype, seed: int
) -> CountingEncoder:
    """The encoder with random weights, in the shape given or else in its own."""
    transformer: Any = encoder[0]
    config = (
        transformer.model.config if architecture is None else random_weights.config_of(architecture)
    )
    transformer.model = random_weights.network(AutoModel, config, dtype=dtype, seed=seed)
    if architecture is None:
        return encoder
    encoder.limit = architecture.max_tokens
    pooling = Pooling(architecture.hidden_size, pooling_mode=architecture.pooling)
    return CountingEncoder(
        modules=[transformer, pooling, Normalize()],
        prompts={name: prompt for name, prompt in encoder.prompts.items() if prompt},
        default_prompt_name=encoder.default_prompt_name,
    )

"""Makes a table of vectors of a model, with model2vec. Imports torch: for building alone."""

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from embprof.backends.exported import card as cards
from embprof.backends.exported.card import TOKENIZER, Card
from embprof.backends.exported.table import VECTORS
from embprof.errors import BuildError
from embprof.interface.backend import Network
from embprof.models import encoder
from embprof.models.prompts import by_name

LIMIT = 512
"""Tokens at which texts are cut where the model's tokeniser was saved with no length of its own.

Source: ``StaticModel.encode`` of model2vec, which keeps to the tokeniser's where there is one.
"""


def distil(
    network: Network, folder: Path, dimensions: int | None, say: Callable[[str], None]
) -> None:
    """Writes table, tokeniser and card; raises BuildError for a model that cannot be distilled."""
    from model2vec.distill import distill_from_model

    say("loading the model")
    model = encoder.load(network.model, device="cpu", dtype="float32", seed=network.seed)
    first: Any = model[0]
    tokenizer = getattr(first, "tokenizer", None)
    if not hasattr(first, "model") or not getattr(tokenizer, "is_fast", False):
        raise BuildError(
            f"{type(first).__name__}: has no network of transformers with a tokeniser of "
            "the library tokenizers; use backend=torch"
        )
    # A name that is a path keeps model2vec from asking the hub for its language.
    first.model.name_or_path = os.curdir
    say("asking the network about each token of its vocabulary")
    try:
        with _quietly():
            made = distill_from_model(
                first.model,
                tokenizer,
                device="cpu",
                pca_dims=dimensions,
                quantize_to="float32",
            )
    except Exception as error:
        raise BuildError(
            f"{type(first.model).__name__} with {type(tokenizer).__name__}: model2vec cannot "
            f"distil it: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        ) from error
    weights = 1.0 if made.weights is None else np.asarray(made.weights)[:, None]
    table = (np.asarray(made.embedding) * weights).astype(np.float32)
    np.save(folder / VECTORS, table, allow_pickle=False)
    made.tokenizer.save(str(folder / TOKENIZER))
    limit = (made.tokenizer.truncation or {}).get("max_length", LIMIT)
    prompts = by_name(model.prompts)
    cards.write(_card(table, limit, made.unk_token_id, prompts), folder)


def _card(
    table: "np.ndarray[Any, Any]", limit: int, unknown: int | None, prompts: Mapping[str, str]
) -> Card:
    """No special tokens, and no prompt unless asked: a row says the same wherever it stands."""
    return Card(
        task="embed",
        inputs=(),
        width=table.shape[1],
        limit=limit,
        prompt="",
        prompts=prompts,
        strategy="longest_first",
        cut_side="right",
        pad_side="right",
        pad_id=0,
        pad_type_id=0,
        special_tokens=False,
        splits_special=False,
        parameters=table.size,
        ignored_id=unknown,
    )


@contextlib.contextmanager
def _quietly() -> Any:
    """Its bars of progress and advice are for people at a prompt."""
    logger = logging.getLogger("model2vec")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)

"""The packaged model with one thing done otherwise, asked as sentence-transformers is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from embprof.models.pooling import pooled_by
from embprof.models.weights import bert_tokenizer_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer


class Model:
    """A model as a service whose answers are compared; ``settings`` are those of ``encode``."""

    name = "model"

    def __init__(self, model: SentenceTransformer, **settings: Any) -> None:
        self.model, self.settings = model, settings

    def encode(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        """A vector for each text, (N, D)."""
        asked = {"batch_size": batch_size, "show_progress_bar": False, **self.settings}
        return np.asarray(self.model.encode(list(texts), **asked))

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        """Tokens of each text before any cut."""
        return [len(self.model.tokenizer(text)["input_ids"]) for text in texts]

    def repooled(
        self, texts: Sequence[str], pooling: str, *, batch_size: int
    ) -> NDArray[np.float32] | None:
        """As ``encode`` under another pooling."""
        with pooled_by(self.model, pooling) as is_pooled:
            return self.encode(texts, batch_size=batch_size) if is_pooled else None

    def known(self) -> Mapping[str, object]:
        """Nothing: what differs is to be found."""
        return {}


def load(**settings: Any) -> SentenceTransformer:
    """The packaged model."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(bert_tokenizer_folder()), device="cpu", **settings)


def cls() -> Model:
    """Pooled by its first token in place of the mean."""
    model: Any = load()
    model[1].pooling_mode = "cls"
    return Model(model)


def not_normalised() -> Model:
    """With vectors as they come out of the pooling."""
    from sentence_transformers import SentenceTransformer

    model = load()
    return Model(SentenceTransformer(modules=[model[0], model[1]], device="cpu"))


def short() -> Model:
    """Cut at 64 tokens in place of 256."""
    model = load()
    model.max_seq_length = 64
    return Model(model)


def bfloat16() -> Model:
    """With weights and activations in 16 bits."""
    import torch

    return Model(load(model_kwargs={"dtype": torch.bfloat16}))


def prompted() -> Model:
    """With a prompt before each text."""
    return Model(load(), prompt="query: ")


def fewer_dimensions() -> Model:
    """With the first 256 of 384 numbers of each vector."""
    return Model(load(), truncate_dim=256, normalize_embeddings=True)

"""Loads a cross-encoder of three labels that counts its tokens. Imports torch: for workers only.

What can go wrong: a model with another number of labels is a reranker or another classifier, and
its scores mean something else (refused); a model saved with an activation gives probabilities in
place of logits (left out, so that margins of different models mean the same).
"""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any, Literal

import torch
from sentence_transformers import CrossEncoder
from torch import nn
from transformers import AutoModelForSequenceClassification
from transformers.utils.logging import get_verbosity, set_verbosity

from embprof.corpora.labels import LABELS, all_three
from embprof.errors import RequestError
from embprof.interface.network import Model
from embprof.models import fitness, random_weights, weights
from embprof.models.cutting import OfNetwork
from embprof.models.encoder import DTYPES
from embprof.models.token_counts import CountsTokens

Truncate = Literal["longest_first", "first", "second"]
STRATEGIES: dict[Truncate, str] = {
    "longest_first": "longest_first",
    "first": "only_first",
    "second": "only_second",
}
"""What a tokenizer of transformers calls each."""
USUAL_LABELS = {0: "contradiction", 1: "entailment", 2: "neutral"}
"""The labels of random weights. Source: the models that sentence-transformers trained for NLI."""


class CountingCrossEncoder(CountsTokens, CrossEncoder):
    """A CrossEncoder that knows how many tokens, padding included, it was given."""

    def truncate(self, which: Truncate, limit: int | None) -> None:
        """Cuts pairs at so many tokens (None: where it does now), taking them off that text."""
        self._settings["truncation"] = STRATEGIES[which]
        if limit is not None:
            self.limit = limit

    @contextlib.contextmanager
    def truncated(self, which: Truncate, limit: int) -> Iterator[None]:
        """Within it, pairs are cut like that."""
        settings, before = dict(self._settings), self.limit
        self.truncate(which, limit)
        try:
            yield
        finally:
            self.limit = before
            self._settings.clear()
            self._settings.update(settings)

    def fewest_tokens(self, kept: str, cut: Literal["first", "second"]) -> int:
        """Tokens of a pair of which the text that is cut is left a single one.

        A prompt stands before the first text, and is cut with it.
        """
        if cut == "first":
            return self.tokens([("", kept)], prompt="")[0] + 1
        return self.tokens([(kept, "")])[0] + 1

    @property
    def _settings(self) -> dict[str, Any]:
        """What the model's own files set for its tokenizer."""
        return OfNetwork(self).text_settings

    def labels(self) -> tuple[str, ...]:
        """The names of its labels, in the order of the logits; the model's own if unknown."""
        config: Any = self.config
        own = tuple(str(config.id2label[number]) for number in range(self.num_labels))
        return all_three(own) or own


def load(model: Model, *, device: str, dtype: str, seed: int) -> CountingCrossEncoder:
    """The cross-encoder on its device, ready to predict logits.

    Raises ModelNotFoundError as :func:`embprof.models.weights.locate` does, RequestError for a
    model with another number of labels.
    """
    folder = str(weights.folder_to_load(model))
    if model.weights == "random":
        encoder = _random(folder, model, DTYPES[dtype], seed)
        encoder.to(device)
    else:
        encoder = CountingCrossEncoder(
            folder,
            device=device,
            model_kwargs={"dtype": DTYPES[dtype]},
            trust_remote_code=model.trust_remote_code,
        )
    if (why := fitness.wrong_labels(encoder.num_labels)) is not None:
        raise RequestError([f"cross_encoder.name={model.name}: {why}"])
    encoder.activation_fn = nn.Identity()
    encoder.eval()
    return encoder


def _random(folder: str, model: Model, dtype: torch.dtype, seed: int) -> CountingCrossEncoder:
    """The tokenizer of the folder, and a network in the shape given or else in its own."""
    with _without_report():
        encoder: CountingCrossEncoder = CountingCrossEncoder(
            folder,
            device="cpu",
            num_labels=len(LABELS),
            trust_remote_code=model.trust_remote_code,
        )
    transformer: Any = encoder[0]
    names = {"id2label": USUAL_LABELS, "label2id": {v: k for k, v in USUAL_LABELS.items()}}
    if model.architecture is None:
        config = transformer.model.config
        config.update(names)
    else:
        config = random_weights.config_of(model.architecture, **names)
        encoder.limit = model.architecture.max_tokens
    transformer.model = random_weights.network(
        AutoModelForSequenceClassification, config, dtype=dtype, seed=seed
    )
    return encoder


@contextlib.contextmanager
def _without_report() -> Iterator[None]:
    """Weights that are to be replaced need not be said to be missing."""
    before = get_verbosity()
    set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        set_verbosity(before)

"""Counts the tokens that a model of sentence-transformers is given. Imports torch: for workers.

sentence-transformers calls ``self.preprocess`` for every batch, so a subclass sees them all; hooks
on the inner transformer would never fire (its ``forward`` is called directly). What is kept is a
reference to each attention mask; adding them up waits until asked.
"""

from collections.abc import Mapping
from typing import Any

from sentence_transformers.base.model import BaseModel


class CountsTokens(BaseModel):
    """A model that knows how many tokens, padding included, it was given."""

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

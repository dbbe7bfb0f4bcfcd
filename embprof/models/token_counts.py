"""Counts the tokens that a model of sentence-transformers is given. Imports torch: for workers.

Whatever is counted is counted on what ``preprocess`` makes, since that is what the network reads:
with the model's prompt, special tokens and spelling. A tokeniser that is asked beside it knows
nothing of the prompt.

sentence-transformers calls ``self.preprocess`` for every batch, so a subclass sees them all; hooks
on the inner transformer would never fire (its ``forward`` is called directly). What is kept is a
reference to each attention mask; adding them up waits until asked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sentence_transformers.base.model import BaseModel

UNCUT = {"text": {"truncation": False, "verbose": False}}
"""Settings of a tokenizer that neither cuts nor warns of what is longer than the limit."""


class CountsTokens(BaseModel):
    """A model that knows how many tokens, padding included, it was given."""

    @property
    def limit(self) -> int:
        """Tokens at which inputs are cut, the prompt's included."""
        own = self._text_settings.get("max_length")  # goes before what the tokenizer says
        return int(own or self.max_seq_length or self.tokenizer.model_max_length)

    @limit.setter
    def limit(self, tokens: int) -> None:
        self._text_settings.pop("max_length", None)
        self.max_seq_length = tokens

    @property
    def prompt(self) -> str:
        """What stands before every input; of pairs, before the first text."""
        return str(self.prompts.get(self.default_prompt_name or "") or "")

    def tokens(self, inputs: Sequence[Any], *, prompt: str | None = None) -> list[int]:
        """Tokens of each input before any cut, the prompt and special tokens included.

        ``prompt`` None is the model's own.
        """
        before = self.prompt if prompt is None else prompt
        return [self._tokens(one, before) for one in inputs]

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

    def _tokens(self, one: Any, prompt: str) -> int:
        features = super().preprocess([one], prompt, processing_kwargs=UNCUT)
        return int(features["attention_mask"].sum())

    @property
    def _text_settings(self) -> dict[str, Any]:
        """What the model's own files set for its tokenizer."""
        transformer: Any = self[0]
        settings: dict[str, Any] = transformer.processing_kwargs.setdefault("text", {})
        return settings

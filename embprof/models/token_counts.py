"""Counts the tokens that a model of sentence-transformers is given. Imports torch: for workers.

Whatever is counted is counted on what ``preprocess`` makes, since that is what the network reads:
with the model's prompt, special tokens and spelling. A tokeniser that is asked beside it knows
nothing of the prompt.

sentence-transformers calls ``self.preprocess`` for every batch, so a subclass sees them all; hooks
on the inner transformer would never fire (its ``forward`` is called directly). What is kept is a
reference to each attention mask, or to the ids where nothing is padded (static vectors); adding
them up waits until asked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sentence_transformers.base.model import BaseModel

from embprof.interface.workload import UNLIMITED
from embprof.models.cutting import Cutting, cutting

MASK, IDS = "attention_mask", "input_ids"
PROMPT = "prompt_before_texts"
"""The name under which a prompt is kept that is not the model's default."""


class CountsTokens(BaseModel):
    """A model that knows how many tokens, padding included, it was given."""

    @property
    def limit(self) -> int:
        """Tokens at which inputs are cut, the prompt's included; UNLIMITED where they are not."""
        return self._cutting.limit()

    @limit.setter
    def limit(self, tokens: int) -> None:
        self._cutting.set(tokens)

    @property
    def known_limit(self) -> int | None:
        """The same for people: None where nothing is cut."""
        return self.limit if self.limit < UNLIMITED else None

    @property
    def prompt(self) -> str:
        """What stands before every input; of pairs, before the first text."""
        own = str(self.prompts.get(self.default_prompt_name or "") or "")
        return str(vars(self).get(PROMPT, own))

    @prompt.setter
    def prompt(self, text: str) -> None:
        vars(self)[PROMPT] = text

    def tokens(self, inputs: Sequence[Any], *, prompt: str | None = None) -> list[int]:
        """Tokens of each input before any cut, the prompt and special tokens included.

        ``prompt`` None is the model's own.
        """
        before = self.prompt if prompt is None else prompt
        with self._cutting.uncut() as options:
            made = (
                super(CountsTokens, self).preprocess([one], before, **options) for one in inputs
            )
            return [_tokens(features)[0] for features in made]

    def preprocess(self, inputs: Any, prompt: str | None = None, **kwargs: Any) -> Any:
        """As the original; remembers what tells its tokens."""
        features = super().preprocess(inputs, prompt, **kwargs)
        name = MASK if features.get(MASK) is not None else IDS
        self.__dict__.setdefault("batches", []).append({name: features.get(name)})
        return features

    def counts(self) -> Mapping[str, float]:
        """Tokens, padded tokens and forward passes since the last call."""
        batches = self.__dict__.pop("batches", [])
        counted = [_tokens(batch) for batch in batches]
        return {
            "tokens": float(sum(tokens for tokens, _ in counted)),
            "padded_tokens": float(sum(padded for _, padded in counted)),
            "forward_passes": float(len(batches)),
        }

    @property
    def _cutting(self) -> Cutting:
        return cutting(self)


def _tokens(features: Mapping[str, Any]) -> tuple[int, int]:
    """Tokens of a batch, without and with padding; (B, T) of a mask: 1 for a token, 0 for padding.

    Ids without a mask, (N,), stand one text behind the other.
    """
    if (mask := features.get(MASK)) is not None:
        return int(mask.sum()), int(mask.numel())
    ids = features.get(IDS)
    return (0, 0) if ids is None else (int(ids.numel()),) * 2

"""Texts to token ids as sentence-transformers makes them, with the ``tokenizers`` library alone.

transformers sets the same Rust object up for each call of ``preprocess`` (its truncation, its
padding) and copies what comes out into tensors; here it is set up once, and a call's texts go
through it at once, on its own threads.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Encoding, Tokenizer

from embprof.backends.exported.card import TOKENIZER, Card, Strategy
from embprof.interface.backend import Truncate
from embprof.interface.workload import UNLIMITED

STRATEGIES: dict[Truncate, Strategy] = {
    "longest_first": "longest_first",
    "first": "only_first",
    "second": "only_second",
}
"""What a tokeniser calls each."""


class Tokens:
    """The tokeniser of an exported model: puts ``prompt`` first, and cuts at ``limit`` tokens.

    Inputs are texts, or pairs of texts.
    """

    def __init__(self, folder: Path, card: Card) -> None:
        self._card = card
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = card.splits_special
        self._strategy = card.strategy
        self._limit = card.limit
        self.prompt = card.prompt
        self._set_truncation()

    @property
    def limit(self) -> int:
        """Tokens at which inputs are cut, the prompt's included; UNLIMITED where they are not."""
        return self._limit

    @limit.setter
    def limit(self, tokens: int) -> None:
        self._limit = min(tokens, UNLIMITED)
        self._set_truncation()

    def truncate(self, which: Truncate, limit: int | None) -> None:
        """Cuts pairs at so many tokens (None: where it does now), taking them off that text."""
        self._strategy = STRATEGIES[which]
        self.limit = self._limit if limit is None else limit

    def encode(self, inputs: Sequence[Any], *, prompted: bool = True) -> list[Encoding]:
        """The ids of each input, special tokens included, cut and not padded.

        ``prompted`` False leaves the prompt out.
        """
        prompt = self.prompt if prompted else ""
        found: list[Encoding] = self._tokenizer.encode_batch_fast(
            [_with(prompt, one) for one in inputs] if prompt else list(inputs),
            add_special_tokens=self._card.special_tokens,
        )
        return found

    def prompt_length(self) -> int:
        """Tokens of the prompt, a special one before it included, one behind it not.

        Source: ``Transformer._get_prompt_length`` of sentence-transformers.
        """
        if not self.prompt:
            return 0
        (alone,) = self.encode([""])
        return len(alone) - (len(alone) > 0 and alone.special_tokens_mask[-1])

    def count(self, inputs: Sequence[Any], *, prompted: bool = True) -> list[int]:
        """Tokens of each input before any cut, the prompt and special tokens included."""
        self._tokenizer.no_truncation()
        try:
            return [len(encoding) for encoding in self.encode(inputs, prompted=prompted)]
        finally:
            self._set_truncation()

    def _set_truncation(self) -> None:
        if self._strategy is None or self._limit >= UNLIMITED:
            self._tokenizer.no_truncation()
            return
        self._tokenizer.enable_truncation(
            max_length=self._limit, strategy=self._strategy, direction=self._card.cut_side
        )


def _with(prompt: str, one: Any) -> Any:
    """The text with the prompt before it; of a pair, before the first."""
    return prompt + one if isinstance(one, str) else (prompt + one[0], one[1])

"""Token ids to padded batches: inputs of like length together, so that little is padded.

sentence-transformers sorts by characters, since it tokenises batch by batch; who tokenises a whole
call at once can sort by tokens. What is padded is computed like any token, so on texts of mixed
length the order is worth as much as a faster runtime.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from embprof.backends.exported.card import Card

Ids = NDArray[np.int64]
Feeds = Mapping[str, Ids]
"""The inputs of a graph by their names, each (B, T) int64, or (B, 1) for the prompt's length."""
IDS, MASK, TYPES = "input_ids", "attention_mask", "token_type_ids"
PROMPT_LENGTH = "prompt_length"
"""An input of graphs that pool without the prompt: how many tokens it has, (B, 1)."""
NAMES = frozenset({IDS, MASK, TYPES})
"""Inputs of a graph that can be made of token ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some inputs of a call: which ones (B,), in the order of the rows."""

    rows: NDArray[np.intp]
    encodings: Sequence[Encoding]

    @property
    def width(self) -> int:
        """Tokens of the longest."""
        return max(len(encoding) for encoding in self.encodings)


def batches(encodings: Sequence[Encoding], size: int) -> Iterator[Batch]:
    """The inputs in batches of at most ``size``, those with most tokens first.

    Longest first, so that memory is taken once, and a call that is too large fails at once.
    """
    lengths = np.fromiter((len(encoding) for encoding in encodings), np.int64, len(encodings))
    order = np.argsort(-lengths, kind="stable")
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        yield Batch(rows=rows, encodings=[encodings[row] for row in rows])


def padded(batch: Batch, card: Card, prompt_length: int = 0) -> Feeds:
    """What the graph is given: each row as wide as the longest."""
    shape = (len(batch.encodings), max(batch.width, 1))
    of_tokens = [name for name in card.inputs if name != PROMPT_LENGTH]
    found = {name: np.full(shape, _filling(name, card), np.int64) for name in of_tokens}
    for row, encoding in enumerate(batch.encodings):
        length = len(encoding)
        at = slice(0, length) if card.pad_side == "right" else slice(shape[1] - length, shape[1])
        for name, array in found.items():
            array[row, at] = _values(name, encoding)
    if PROMPT_LENGTH in card.inputs:
        found[PROMPT_LENGTH] = np.full((shape[0], 1), prompt_length, np.int64)
    return found


def _filling(name: str, card: Card) -> int:
    return {IDS: card.pad_id, MASK: 0, TYPES: card.pad_type_id}[name]


def _values(name: str, encoding: Encoding) -> int | list[int]:
    if name == MASK:
        return 1
    values: list[int] = encoding.ids if name == IDS else encoding.type_ids
    return values

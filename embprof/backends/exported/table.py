"""A text's vector as the mean of its tokens' rows in a table: what a static model's workers run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tokenizers
from numpy.typing import NDArray

from embprof.backends.exported.network import TO_HOST, TOKENIZE
from embprof.backends.exported.saved import Saved
from embprof.interface.backend import Fact
from embprof.models.vectors import unit_length

VECTORS = "vectors.npy"
LOOK_UP = "look_up"


class TableEncoder(Saved):
    """Texts to vectors of length 1; one without a known token is all zeros.

    The stages of a call are ``tokenize``, ``look_up`` (rows, their mean, its length made 1) and
    ``to_host`` (one array).
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._file = folder / VECTORS
        self._table: NDArray[np.float32] = np.load(self._file, allow_pickle=False)
        self._counts = [0, 0]

    def encode(
        self,
        texts: Sequence[str],
        *,
        batch_size: int,
        normalize: bool,  # noqa: ARG002  (they are of length 1 in any case)
    ) -> NDArray[np.float32]:
        """A vector for each text, in their order: (N, D) float32."""
        with self._stage(TOKENIZE):
            ids = [one.ids for one in self._tokens.encode(texts)]
        self._counts[0] += sum(map(len, ids))
        parts = []
        for start in range(0, len(ids), batch_size):
            with self._stage(LOOK_UP):
                parts.append(self._means(ids[start : start + batch_size]))
        self._counts[1] += len(parts)
        with self._stage(TO_HOST):
            return np.concatenate(parts) if parts else np.empty((0, self._card.width), np.float32)

    def counts(self) -> Mapping[str, float]:
        """Tokens, and batches, since the last call; nothing is padded."""
        (tokens, passes), self._counts = self._counts, [0, 0]
        return {
            "tokens": float(tokens),
            "padded_tokens": float(tokens),
            "forward_passes": float(passes),
        }

    def description(self) -> Mapping[str, Fact]:
        """Facts about the table."""
        return {
            "dimensions": self._card.width,
            "max_tokens": self.limit,
            "parameters": self._card.parameters,
            "runtime": f"numpy {np.__version__}, tokenizers {tokenizers.__version__}",
        }

    def weight_files(self) -> Mapping[Path, bool]:
        """The table."""
        return {self._file: True}

    def stages(self) -> Sequence[str]:
        """Every stage of a call in order."""
        return (TOKENIZE, LOOK_UP, TO_HOST)

    def _means(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The mean of each text's rows, its length made 1: (B, D)."""
        lengths = np.fromiter(map(len, ids), np.intp, len(ids))
        flat = np.fromiter((one for text in ids for one in text), np.intp, int(lengths.sum()))
        owner = np.repeat(np.arange(len(ids)), lengths)
        if self._card.ignored_id is not None:
            kept = flat != self._card.ignored_id
            flat, owner = flat[kept], owner[kept]
        found = np.zeros((len(ids), self._card.width), np.float32)
        if not len(flat):
            return found
        texts, starts = np.unique(owner, return_index=True)
        sums = np.add.reduceat(self._table[flat], starts, axis=0)  # the mean's direction is theirs
        found[texts] = unit_length(sums)
        return found

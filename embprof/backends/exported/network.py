"""Texts to vectors, and pairs to logits, through an exported graph: what its workers run.

The stages of a call:

    tokenize    all inputs of the call to token ids, in one call of the tokeniser
    pad         batches of like length made into arrays (B, T)
    run         the graph: network, pooling and what follows it
    to_host     rows put into the order of the inputs, one array
    normalize   the length of each vector made 1, when asked for
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embprof.backends.exported.batches import PROMPT_LENGTH, Batch, Feeds, batches, padded
from embprof.backends.exported.graph import Graph
from embprof.backends.exported.operator_watch import GraphWatch, Timable
from embprof.backends.exported.saved import Saved
from embprof.interface.backend import Fact, Truncate
from embprof.interface.operators import OperatorWatch
from embprof.interface.workload import UNLIMITED
from embprof.models.vectors import unit_length

TOKENIZE, PAD, RUN, TO_HOST, NORMALIZE = "tokenize", "pad", "run", "to_host", "normalize"


class ExportedNetwork(Saved):
    """What encoders and judges of an exported graph have in common."""

    def __init__(self, folder: Path, graph: Graph) -> None:
        super().__init__(folder)
        self._graph = self._own_graph = graph
        self._counts = [0, 0, 0]
        self._prompt_lengths: dict[str, int] = {}

    def counts(self) -> Mapping[str, float]:
        """Tokens, padded tokens and forward passes since the last call."""
        (tokens, width, passes), self._counts = self._counts, [0, 0, 0]
        return {
            "tokens": float(tokens),
            "padded_tokens": float(width),
            "forward_passes": float(passes),
        }

    def description(self) -> Mapping[str, Fact]:
        """Facts about the exported model and what runs it."""
        facts: dict[str, Fact] = {
            "max_tokens": self.limit if self.limit < UNLIMITED else None,
            "parameters": self._card.parameters,
            **self._graph.facts(),
        }
        if self._card.assumed_pooling is not None:
            facts["assumed_pooling"] = self._card.assumed_pooling
        return facts

    def stages(self) -> Sequence[str]:
        """Every stage of a call in order."""
        return (TOKENIZE, PAD, RUN, TO_HOST)

    def weight_files(self) -> Mapping[Path, bool]:
        """Those of its graph."""
        return self._own_graph.weight_files()

    def watch_operators(self) -> OperatorWatch:
        """What each operator of the graph takes; raises TypeError where the runtime tells none."""
        if not isinstance(self._own_graph, Timable):
            raise TypeError(f"{type(self._own_graph).__name__} tells no times of operators")
        return GraphWatch(self._own_graph, self._use)

    def _use(self, graph: Graph | None) -> None:
        self._graph = self._own_graph if graph is None else graph

    def _results(self, inputs: Sequence[Any], batch_size: int) -> NDArray[np.float32]:
        """What comes out for each input, in their order: (N, width) float32."""
        with self._stage(TOKENIZE):
            encodings = self._tokens.encode(inputs)
        found = np.empty((len(inputs), self._card.width), np.float32)
        with self._stage(PAD):
            ordered = list(batches(encodings, batch_size))
        size = self._graph.at_once or max(len(ordered), 1)
        for start in range(0, len(ordered), size):
            group = ordered[start : start + size]
            with self._stage(PAD):
                feeds = [self._padded(batch) for batch in group]
            with self._stage(RUN):
                results = self._graph.run(feeds)
            with self._stage(TO_HOST):
                for batch, rows in zip(group, results, strict=True):
                    found[batch.rows] = rows
        return found

    def _prompt_length(self) -> int:
        """Tokens of the prompt, where the graph asks for them; counted once for each prompt."""
        if PROMPT_LENGTH not in self._card.inputs:
            return 0
        if self.prompt not in self._prompt_lengths:
            self._prompt_lengths[self.prompt] = self._tokens.prompt_length()
        return self._prompt_lengths[self.prompt]

    def _padded(self, batch: Batch) -> Feeds:
        self._counts[0] += sum(len(encoding) for encoding in batch.encodings)
        self._counts[1] += batch.width * len(batch.encodings)
        self._counts[2] += 1
        return padded(batch, self._card, self._prompt_length())


class ExportedEncoder(ExportedNetwork):
    """Texts to vectors."""

    def encode(
        self, texts: Sequence[str], *, batch_size: int, normalize: bool
    ) -> NDArray[np.float32]:
        """A vector for each text, in their order: (N, D) float32."""
        vectors = self._results(texts, batch_size)
        if not normalize:
            return vectors
        with self._stage(NORMALIZE):
            return unit_length(vectors)

    def description(self) -> Mapping[str, Fact]:
        """Facts about the exported model and what runs it."""
        return {"dimensions": self._card.width, **super().description()}

    def stages(self) -> Sequence[str]:
        """Every stage of a call in order."""
        return (*super().stages(), NORMALIZE)


class ExportedJudge(ExportedNetwork):
    """Pairs of texts to logits."""

    def predict(self, pairs: Sequence[tuple[str, str]], *, batch_size: int) -> NDArray[np.float32]:
        """Logits of each pair, in their order: (N, L) float32."""
        return self._results(pairs, batch_size)

    def truncate(self, which: Truncate, limit: int | None) -> None:
        """Cuts pairs at so many tokens (None: where it does now), taking them off that text."""
        self._tokens.truncate(which, limit)

    def fewest_tokens(self, kept: str, cut: Literal["first", "second"]) -> int:
        """Tokens of a pair of which the text that is cut is left a single one."""
        pair = ("", kept) if cut == "first" else (kept, "")  # a prompt is cut with the first text
        return self._tokens.count([pair], prompted=cut == "second")[0] + 1

    def labels(self) -> tuple[str, ...]:
        """The names of the logits, in their order; the model's own if unknown."""
        return self._card.labels

"""Models of sentence-transformers as encoders and judges. Imports torch: for workers only."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from embprof.interface.backend import Fact, Truncate
from embprof.interface.stages import INSIDE, StageTimer
from embprof.models import stages
from embprof.models.cross_encoder import CountingCrossEncoder
from embprof.models.encoder import CountingEncoder
from embprof.models.pooling import pooled_by

Loaded = CountingEncoder | CountingCrossEncoder


class TorchNetwork:
    """What encoders and judges have in common.

    ``in_one_piece``: the network was compiled, and does not show its layers.
    """

    def __init__(self, model: Loaded, *, in_one_piece: bool = False) -> None:
        self._network = model
        self._in_one_piece = in_one_piece
        # Quantised layers pack theirs away.
        self._parameters = getattr(model, PARAMETERS, None) or _parameters(model)

    @property
    def limit(self) -> int:
        """Tokens at which inputs are cut, a prompt's included; UNLIMITED where they are not."""
        return self._network.limit

    @limit.setter
    def limit(self, tokens: int) -> None:
        self._network.limit = tokens

    def counts(self) -> Mapping[str, float]:
        """Tokens, padded tokens and forward passes since the last call."""
        return self._network.counts()

    def description(self) -> Mapping[str, Fact]:
        """Facts about the loaded model."""
        return {
            "max_tokens": self._network.known_limit,
            "parameters": self._parameters,
            "runtime": f"torch {torch.__version__}",
            "runtime_threads": torch.get_num_threads(),
        }

    def stages(self) -> Sequence[str]:
        """Every stage of a call in order, layers of the network included."""
        names = stages.names(self._network)
        return [name for name in names if INSIDE not in name] if self._in_one_piece else names

    def time_stages(self) -> AbstractContextManager[StageTimer]:
        """Within it, each call leaves the times of its stages with the timer."""
        return stages.stage_timer(self._network, parts=not self._in_one_piece)


class TorchEncoder(TorchNetwork):
    """Texts to vectors. ``model`` is that of sentence-transformers."""

    def __init__(self, model: CountingEncoder, *, in_one_piece: bool = False) -> None:
        super().__init__(model, in_one_piece=in_one_piece)
        self.model = model

    def encode(
        self, texts: Sequence[str], *, batch_size: int, normalize: bool
    ) -> NDArray[np.float32]:
        """A vector for each text, in their order, on the host: (N, D) float32."""
        vectors: NDArray[np.float32] = self.model.encode(
            list(texts),
            prompt=self.model.prompt,
            batch_size=batch_size,
            show_progress_bar=False,
            normalize_embeddings=normalize,
        )
        return vectors

    def tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text before any cut, the prompt and special tokens included."""
        return self.model.tokens(texts)

    @property
    def prompt(self) -> str:
        """What stands before each text."""
        return self.model.prompt

    @prompt.setter
    def prompt(self, text: str) -> None:
        self.model.prompt = text

    def prompts(self) -> Mapping[str, str]:
        """The prompts that the model's files have, by their names."""
        return {name: str(prompt or "") for name, prompt in self.model.prompts.items()}

    def repooled(self, pooling: str) -> AbstractContextManager[bool]:
        """Within it token vectors become one in that way."""
        return pooled_by(self.model, pooling)

    def description(self) -> Mapping[str, Fact]:
        """Facts about the loaded model."""
        facts = {"dimensions": self.model.get_embedding_dimension(), **super().description()}
        if self.model.assumed_pooling is not None:
            facts["assumed_pooling"] = self.model.assumed_pooling
        return facts


class TorchJudge(TorchNetwork):
    """Pairs of texts to logits. ``model`` is that of sentence-transformers."""

    def __init__(self, model: CountingCrossEncoder, *, in_one_piece: bool = False) -> None:
        super().__init__(model, in_one_piece=in_one_piece)
        self.model = model

    def predict(self, pairs: Sequence[tuple[str, str]], *, batch_size: int) -> NDArray[np.float32]:
        """Logits of each pair, in their order, on the host: (N, L) float32."""
        logits: NDArray[np.float32] = self.model.predict(
            list(pairs), batch_size=batch_size, show_progress_bar=False
        )
        return logits.reshape(len(pairs), self.model.num_labels)

    def tokens(self, pairs: Sequence[tuple[str, str]]) -> list[int]:
        """Tokens of each pair before any cut, special tokens included."""
        return self.model.tokens(pairs)

    def truncate(self, which: Truncate, limit: int | None) -> None:
        """Cuts pairs at so many tokens (None: where it does now), taking them off that text."""
        self.model.truncate(which, limit)

    def fewest_tokens(self, kept: str, cut: Literal["first", "second"]) -> int:
        """Tokens of a pair of which the text that is cut is left a single one."""
        return self.model.fewest_tokens(kept, cut)

    def labels(self) -> tuple[str, ...]:
        """The names of the logits, in their order."""
        return self.model.labels()


PARAMETERS = "parameters_before"


def quantise(model: Loaded) -> None:
    """Makes the weights of the network's linear layers int8, in place."""
    from torch.ao.quantization import quantize_dynamic

    vars(model)[PARAMETERS] = _parameters(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that torchao is to follow, which is another package
        for module in model.children():
            quantised: Any = quantize_dynamic
            quantised(module, {torch.nn.Linear}, dtype=torch.qint8, inplace=True)


def _parameters(model: Loaded) -> int:
    return sum(one.numel() for one in model.parameters())

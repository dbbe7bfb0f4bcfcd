"""What a workload says of the network of sentence-transformers that it loads into a worker."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from embprof.interface.stages import StageTimer

if TYPE_CHECKING:
    from embprof.models.token_counts import CountsTokens


@dataclass(kw_only=True)
class NetworkWorkload:
    """A workload whose steps are those of ``_encoder``, which ``load`` makes."""

    imports: ClassVar[tuple[str, ...]] = ("torch", "sentence_transformers")
    if TYPE_CHECKING:  # what is annotated at run time counts as a parameter
        _encoder: CountsTokens

    model: Mapping[str, Any]
    backend: Mapping[str, Any]
    device: str
    batch_size: int
    texts_per_call: int | None
    truncation: int | None
    seed: int

    def counts(self) -> Mapping[str, float]:
        """Tokens, padded tokens and forward passes since the last call."""
        return self._encoder.counts()

    def stages(self) -> Sequence[str]:
        """The stages of a call, layers of the network included."""
        from embprof.models import stages  # only workers import torch

        return stages.names(self._encoder)

    def time_stages(self) -> AbstractContextManager[StageTimer]:
        """Within it, the stages of every step are timed."""
        from embprof.models import stages

        return stages.stage_timer(self._encoder)

    def close(self) -> None:
        """Lets go of the model."""
        del self._encoder

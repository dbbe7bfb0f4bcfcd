"""What a workload says of the network of sentence-transformers that it loads into a worker."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from embprof.backends.finding import KEY, REFERENCE, made
from embprof.interface.backend import Backend, Computes, Network, Task
from embprof.interface.network import Model
from embprof.interface.operators import OperatorWatch, WatchesOperators
from embprof.interface.stages import StageTimer


@dataclass(kw_only=True)
class NetworkWorkload:
    """A workload whose steps are those of ``_encoder``, which ``load`` makes."""

    task: ClassVar[Task]
    if TYPE_CHECKING:  # what is annotated at run time counts as a parameter
        _encoder: Computes

    model: Mapping[str, Any]
    backend: Mapping[str, Any] | Backend
    device: str
    batch_size: int
    texts_per_call: int | None
    truncation: int | None
    seed: int

    @classmethod
    def imports_of(cls, workload: Mapping[str, Any]) -> tuple[str, ...]:
        """What its backend stands on."""
        return made(workload.get(KEY, REFERENCE)).imports()

    @property
    def imports(self) -> tuple[str, ...]:
        """What its backend stands on."""
        return made(self.backend).imports()

    @property
    def network(self) -> Network:
        """What is to be run."""
        return Network(
            model=Model(**self.model), task=self.task, device=self.device, seed=self.seed
        )

    def counts(self) -> Mapping[str, float]:
        """Tokens, padded tokens and forward passes since the last call."""
        return self._encoder.counts()

    def stages(self) -> Sequence[str]:
        """The stages of a call, parts of the network included where its backend shows them."""
        return self._encoder.stages()

    def time_stages(self) -> AbstractContextManager[StageTimer]:
        """Within it, the stages of every step are timed."""
        return self._encoder.time_stages()

    def watch_operators(self) -> OperatorWatch:
        """What each operator of the network takes; raises TypeError where that is not told."""
        if not isinstance(self._encoder, WatchesOperators):
            raise TypeError(f"{type(self._encoder).__name__} tells no times of operators")
        return self._encoder.watch_operators()

    def reference(self) -> Self:
        """The same on the backend whose answers count as right, one item at a time; not loaded."""
        return replace(self, backend=REFERENCE, batch_size=1)

    def close(self) -> None:
        """Lets go of the model."""
        del self._encoder

"""What runs: the interface of a workload, which any class with these members satisfies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from embprof.workloads.stages import StageTimer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Workload(Protocol):
    """Work in steps of known size. Made from its YAML in the worker; imports torch in load."""

    items: str
    """What a step does, in the plural: texts, pairs, queries. Names the rate: ``texts/s``."""

    def load(self) -> None:
        """Makes everything ready, model in memory; not measured as work."""

    def step(self) -> int:
        """Does one iteration, waits until the device is finished, returns the items done."""

    def close(self) -> None:
        """Gives back what load took."""


@runtime_checkable
class Prepares(Protocol):
    """A workload that makes its inputs ahead, so that making them is not timed."""

    def prepare(self, steps: int) -> None:
        """Makes the inputs of the next ``steps`` iterations."""


@runtime_checkable
class Imports(Protocol):
    """A workload that names the libraries it stands on, so that importing them is told apart.

    A service imports them when it starts, before it can load anything.
    """

    imports: tuple[str, ...]
    """Names of modules, in the order of import; a class attribute."""


@runtime_checkable
class Counts(Protocol):
    """A workload that counts what it does beside its items."""

    def counts(self) -> Mapping[str, float]:
        """What was done since the last call: ``tokens``, ``padded_tokens``, ``forward_passes``."""


@runtime_checkable
class Stages(Protocol):
    """A workload that can tell which of its stages the time of a step went to."""

    def stages(self) -> Sequence[str]:
        """Every stage in the order of a step; a part of one after it: ``forward/layer_0``."""

    def time_stages(self) -> AbstractContextManager[StageTimer]:
        """Within it, each step leaves the times of its stages with the timer.

        Outside, steps cost what they would without it.
        """


@runtime_checkable
class Cuts(Protocol):
    """A workload that embeds texts, each cut at a number of tokens."""

    def limits(self) -> tuple[int, int]:
        """Tokens at which the model itself cuts, and at which the job asks to."""

    def sample(self, count: int) -> Sequence[str]:
        """At most so many distinct texts of the corpus, in random order, the same for one seed."""

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        """Tokens of each text before any cut, special tokens included."""

    def embed(self, texts: Sequence[str], limit: int) -> NDArray[np.float32]:
        """Embeddings of the texts, cut at ``limit`` tokens: (N, D) float32."""


@runtime_checkable
class Describes(Protocol):
    """A workload that knows facts worth keeping beside the figures."""

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """Facts that hold for the whole job: dimensions, the longest input, threads in use."""

"""What runs: the interface of a workload, which any class with these members satisfies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from embprof.interface.stages import StageTimer
from embprof.model import Samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNLIMITED = 1_000_000_000
"""Tokens at which nothing is cut: the limit of a model that has none."""
QUALITY = "quality"
"""In a run's description: the figures that its workload calls quality, most important first."""


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
class MakesReady(Protocol):
    """A workload that needs what is made once and outlasts its process: an index in a server."""

    def make_ready(self) -> None:
        """Makes it, unless it is there; comes before ``load``, and is part of no figure."""


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
class RunsModel(Protocol):
    """A workload's class that says what its ``model`` is for, so that no other kind is given it."""

    task: str
    """``embed``: texts to vectors; ``judge``: pairs of texts to logits of three labels."""


@runtime_checkable
class ImportsAsAsked(Protocol):
    """A workload's class of which the configuration says what it imports.

    A measurement's class, too, where that imports torch by itself: its workers find it imported.
    """

    def imports_of(self, workload: Mapping[str, Any]) -> tuple[str, ...]:
        """A classmethod: as ``Imports.imports``, of a workload of this configuration."""


@runtime_checkable
class Counts(Protocol):
    """A workload that counts what it does beside its items."""

    def counts(self) -> Mapping[str, float]:
        """What was done since the last call: ``tokens``, ``padded_tokens``, ``forward_passes``."""


@runtime_checkable
class Reads(Protocol):
    """A workload that reads something of each of its calls, beside what a measurement reads."""

    def readings(self) -> Sequence[Samples]:
        """What was read since the last call: seconds of each stage, answers from a cache."""


@runtime_checkable
class Quality(Protocol):
    """A workload whose answers can be good or bad, whatever they cost."""

    def quality(self) -> Sequence[Samples]:
        """How good they are, or what they rest on: recall, agreement, size of an index.

        Asked once a restart, when all is measured, and never in a gate; the table shows the
        figures in this order.
        """


@runtime_checkable
class LeavesFiles(Protocol):
    """A workload that has more to tell than figures: plans of queries, say."""

    def files(self) -> Sequence[Path]:
        """Files to keep with the run; asked when all is measured, before ``close``."""


@runtime_checkable
class UsesServers(Protocol):
    """A workload for which other processes of this machine work: those of a database, say."""

    def server_cpu_seconds(self) -> float:
        """CPU seconds that they have used up to now; asked before and after each slice."""


@runtime_checkable
class Refuses(Protocol):
    """A workload's or a measurement's class, where some requests make no sense to it."""

    def refusals(self, config: Mapping[str, Any]) -> Iterator[str]:
        """A classmethod: why this request, resolved, cannot be answered; asked before any job.

        A workload that is a part of another finds itself at ``workload``, and the class of the
        whole at ``part_of``.
        """


@runtime_checkable
class Remarks(Protocol):
    """A workload's class that knows of requests what is worth a second look, though not wrong."""

    def remarks(self, config: Mapping[str, Any]) -> Iterator[str]:
        """A classmethod: sentences on this request, resolved; said before the first job."""


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
        """Tokens at which the model itself cuts, and at which the job asks to.

        UNLIMITED or more where nothing is cut.
        """

    def sample(self, count: int) -> Sequence[str]:
        """At most so many distinct texts of the corpus, in random order, the same for one seed."""

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        """Tokens of each text before any cut, a prompt and special tokens included."""

    def embed(self, texts: Sequence[str], limit: int) -> NDArray[np.float32]:
        """Embeddings of the texts, cut at ``limit`` tokens: (N, D) float32."""


@runtime_checkable
class Embeds(Protocol):
    """A workload that makes vectors of any texts, so that they can be held against another's."""

    def vectors(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        """A vector for each text, in their order, as a step would make it: (N, D) float32.

        Raises CallFailedError where a server does not answer these texts.
        """


@runtime_checkable
class HasReference(Protocol):
    """A workload whose answers can be held against those of its model on torch in float32."""

    def reference(self) -> Workload:
        """The same on that backend, one item at a time, not loaded: its answers count as right."""


@runtime_checkable
class PutsPrompts(Protocol):
    """A workload that embeds texts with a prompt before each, and can take another for a while."""

    def prompted(self, prompt: str) -> AbstractContextManager[None]:
        """Within it, that text (nothing, if empty) stands before each in place of its own."""


@runtime_checkable
class Describes(Protocol):
    """A workload that knows facts worth keeping beside the figures."""

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """Facts that hold for the whole job: dimensions, the longest input, threads in use."""

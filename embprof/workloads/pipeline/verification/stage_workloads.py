"""The workloads that a pipeline is made of, and how they are loaded, timed and closed together."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from embprof.corpora.pairs import Pair
from embprof.interface.stages import INSIDE, StageTime, StageTimer
from embprof.interface.workload import MakesReady, Stages, Workload
from embprof.workloads.vector_search.index import Hit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embeds(Workload, Protocol):
    """Texts to vectors."""

    def limits(self) -> tuple[int, int]:
        """Tokens at which the model itself cuts, and at which it is asked to."""

    def embed(self, texts: Sequence[str], limit: int) -> NDArray[np.float32]:
        """Embeddings of the texts, cut at ``limit`` tokens: (N, D) float32."""


class Finds(Workload, Protocol):
    """Vectors to the passages nearest to them."""

    k: int
    """Passages per search."""

    def texts(self) -> Sequence[str]:
        """All passages that are searched."""

    def find(self, vectors: NDArray[np.float32]) -> Sequence[Sequence[Hit]]:
        """The hits of each of the (N, D) vectors, nearest first."""


class Judges(Workload, Protocol):
    """Claims and passages to what the one says of the other."""

    model: Mapping[str, Any]
    """The cross-encoder; of random weights answers mean nothing."""

    @property
    def labels(self) -> Sequence[str]:
        """Names of the logits; known once it is loaded."""

    def predict(self, pairs: Sequence[Pair]) -> NDArray[np.float32]:
        """Logits of each pair: (N, labels) float32."""


class PipelineTimer(StageTimer):
    """Takes the marks of a pipeline's stages; ``inside`` has the marks of the parts' own stages."""

    def __init__(self, inside: Mapping[str, StageTimer]) -> None:
        super().__init__()
        self._inside = inside

    def take(self) -> Mapping[str, StageTime]:
        """Stages, and those of the parts within them: ``nli/forward``."""
        found = dict(super().take())
        for part, timer in self._inside.items():
            found |= {f"{part}{INSIDE}{path}": time for path, time in timer.take().items()}
        return found


@contextlib.contextmanager
def stage_timer(workloads: Mapping[str, Workload]) -> Iterator[PipelineTimer]:
    """Within it, parts that can tell their stages do."""
    with contextlib.ExitStack() as ends:
        inside = {
            name: ends.enter_context(part.time_stages())
            for name, part in workloads.items()
            if isinstance(part, Stages)
        }
        yield PipelineTimer(inside)


def stages(order: Iterable[str], workloads: Mapping[str, Workload]) -> list[str]:
    """The stages in the order of a call, each before the stages of the part that it is."""
    found: list[str] = []
    for name in order:
        part = workloads.get(name)
        within: Sequence[str] = part.stages() if isinstance(part, Stages) else ()
        found += [name, *(f"{name}{INSIDE}{path}" for path in within)]
    return found


def make_ready(workloads: Mapping[str, Workload]) -> None:
    """Has each part make what it needs and finds made the next time: an index in a server."""
    for part in workloads.values():
        if isinstance(part, MakesReady):
            part.make_ready()


def load(workloads: Mapping[str, Workload]) -> None:
    """Loads them in order; where one fails, those before it are closed, and its name is noted."""
    with contextlib.ExitStack() as undo:
        for name, part in workloads.items():
            try:
                part.load()
            except Exception as error:
                error.add_note(f"while the pipeline loaded its part {name}")
                raise
            undo.callback(part.close)
        undo.pop_all()


def close(workloads: Mapping[str, Workload]) -> None:
    """Closes all, the last loaded first, even where one fails; raises what failed last."""
    with contextlib.ExitStack() as stack:
        for part in workloads.values():
            stack.callback(part.close)

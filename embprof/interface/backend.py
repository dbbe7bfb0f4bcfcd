"""What runs a network: the interface of a backend's class, and of what it makes.

A backend's class is made from its YAML (``_target_``, ``name``, ``dtype`` and parameters of its
own), by the process that plans as well as by workers: its module imports nothing heavy. What it
makes, an encoder or a judge, lives in a worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from embprof.interface.network import Model
from embprof.interface.stages import StageTimer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Task = Literal["embed", "judge"]
"""Texts to vectors; pairs of texts to logits."""
Truncate = Literal["longest_first", "first", "second"]
"""Which text of a pair is cut where both are too long together."""
Fact = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What is to be run: which model on which device, for what; ``seed`` of random weights."""

    model: Model
    task: Task
    device: str
    seed: int

    @classmethod
    def of(cls, owner: Mapping[str, Any], task: Task) -> Network:
        """That of a workload; ``owner``: its configuration, or as much of it as is about this."""
        model = Model(**owner["model"])
        return cls(model=model, task=task, device=owner["device"], seed=owner["seed"])


class Computes(Protocol):
    """What encoders and judges have in common."""

    @property
    def limit(self) -> int:
        """Tokens at which inputs are cut, a prompt's included; UNLIMITED where they are not."""

    @limit.setter
    def limit(self, tokens: int) -> None: ...

    def counts(self) -> Mapping[str, float]:
        """Since the last call: ``tokens``, ``padded_tokens``, ``forward_passes``."""

    def description(self) -> Mapping[str, Fact]:
        """Facts about what was loaded and what runs it.

        ``dimensions``, ``max_tokens`` and ``parameters`` where they are known, ``runtime`` with its
        version, ``runtime_threads``.
        """

    def stages(self) -> Sequence[str]:
        """Every stage of a call in order, a part of one after it: ``forward/layer_0``."""

    def time_stages(self) -> AbstractContextManager[StageTimer]:
        """Within it, each call leaves the times of its stages with the timer."""


class Encoder(Computes, Protocol):
    """Texts to vectors."""

    def encode(
        self, texts: Sequence[str], *, batch_size: int, normalize: bool
    ) -> NDArray[np.float32]:
        """A vector for each text, in their order, on the host: (N, D) float32."""

    def tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text before any cut, the prompt and special tokens included."""

    def prompts(self) -> Mapping[str, str]:
        """The prompts that the model's files have by their names, as far as they are known."""


@runtime_checkable
class Prompted(Protocol):
    """An encoder that can put another prompt before texts than it does by itself."""

    @property
    def prompt(self) -> str:
        """What stands before each text; empty for nothing."""

    @prompt.setter
    def prompt(self, text: str) -> None: ...


@runtime_checkable
class Repools(Protocol):
    """An encoder whose token vectors can become one in another way, for a while."""

    def repooled(self, pooling: str) -> AbstractContextManager[bool]:
        """Within it they are pooled like that; False where the model does not pool."""


@runtime_checkable
class HoldsWeights(Protocol):
    """An encoder or judge whose weights are no tensors of PyTorch."""

    def weight_files(self) -> Mapping[Path, bool]:
        """The files whose bytes are its weights, and whether they are in the host's memory."""


class Judge(Computes, Protocol):
    """Pairs of texts to logits."""

    def predict(self, pairs: Sequence[tuple[str, str]], *, batch_size: int) -> NDArray[np.float32]:
        """Logits of each pair, in their order, on the host: (N, L) float32."""

    def tokens(self, pairs: Sequence[tuple[str, str]]) -> list[int]:
        """Tokens of each pair before any cut, special tokens included."""

    def truncate(self, which: Truncate, limit: int | None) -> None:
        """Cuts pairs at so many tokens (None: where it does now), taking them off that text."""

    def fewest_tokens(self, kept: str, cut: Literal["first", "second"]) -> int:
        """Tokens of a pair of which the text that is cut is left a single one."""

    def labels(self) -> tuple[str, ...]:
        """The names of the logits, in their order."""


class Backend(Protocol):
    """What runs networks, with its settings."""

    @property
    def name(self) -> str:
        """The name of its option."""

    @property
    def dtype(self) -> str:
        """The type that it computes in."""

    def imports(self) -> tuple[str, ...]:
        """Modules that a service with this backend imports when it starts, in their order."""

    def problems(self, network: Network) -> Iterator[str]:
        """Why it cannot run that here, each with a way on.

        An extra that is not installed, a type that the device has not. Asked while planning;
        imports nothing heavy.
        """

    def remarks(self, network: Network) -> Iterator[str]:
        """What is worth knowing before: a type that this processor only emulates."""

    def encoder(self, network: Network) -> Encoder:
        """The network for texts, loaded and ready; called in a worker."""

    def judge(self, network: Network) -> Judge:
        """The network for pairs, loaded and ready; called in a worker."""


@runtime_checkable
class Builds(Backend, Protocol):
    """A backend whose workers run files that are made of a model beforehand, once.

    ``folder``: where they lie; set for workers, None while planning.
    """

    folder: str | None

    def identity(self) -> Mapping[str, Any]:
        """All that the files depend on beside the model: settings, versions; JSON-ready."""

    def calibration(self) -> int:
        """Texts of the job's corpus that building looks at; 0 for none."""

    def usual_seconds(self) -> float:
        """About how long building takes, for a network of 22 M parameters on 2 CPUs."""

    def build(
        self, network: Network, folder: Path, texts: Sequence[str], say: Callable[[str], None]
    ) -> None:
        """Makes the files in an empty folder, in a process of its own that may import anything.

        ``texts``: at most :meth:`calibration` of them; to judge, both texts of a pair stand one
        behind the other. Raises BuildError with what cannot be done (an operator that cannot be
        exported: which).
        """

"""Static vectors: a table by token, distilled from the model, in place of its network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt

from embprof.backends import fitness
from embprof.errors import RequestError
from embprof.interface.backend import Encoder, Judge, Network
from embprof.machine.process_facts import installed_version

EXTRA = {"model2vec": "model2vec", "skeletoken": "skeletoken", "sklearn": "scikit-learn"}
"""Packages of the extra ``static`` by the modules they bring."""
RECIPE = 2
"""Grows whenever what is built changes in a way that no version tells."""
NO_JUDGE = "is a vector for each text by itself, and judges no pairs; use another backend"


@dataclass(kw_only=True)
class Static:
    """Looks tokens up in a table and takes their mean; what stands around a word means nothing.

    Source: model2vec, whose recipe it is: the network's answer to each token by itself, principal
    components of these, weights by rank in the vocabulary (Zipf, SIF).
    """

    name: str
    dtype: Annotated[Literal["float32"], Field(description="Type of the table.")]
    dimensions: Annotated[
        StrictInt | None,
        Field(
            ge=2,
            le=100_000,
            description="Numbers of a vector, by principal components, at most those of the model; "
            "null keeps the model's own.",
        ),
    ]
    folder: str | None = None

    def imports(self) -> tuple[str, ...]:
        """Modules that a service with this backend imports when it starts."""
        return ("numpy", "tokenizers")

    def problems(self, network: Network) -> Iterator[str]:
        """An extra that is not installed, a device, pairs, a model without a network."""
        yield from fitness.missing(self.name, EXTRA)
        if network.task == "judge":
            yield f"backend={self.name}: {NO_JUDGE}"
        yield from fitness.no_network(self.name, network)
        if network.device != "cpu":
            yield f"device={network.device}: a table is read by the CPU; use device=cpu"

    def remarks(self, network: Network) -> Iterator[str]:  # noqa: ARG002  (of any network)
        """That it is another model than the one asked for."""
        yield (
            f"backend={self.name}: its vectors are another model's than those of the network, and "
            "not to be compared with them; the model's default prompt is left out"
        )

    def encoder(self, network: Network) -> Encoder:  # noqa: ARG002  (what was built says it all)
        """The table, loaded and ready."""
        place = fitness.built(self.folder)
        from embprof.backends.exported.table import TableEncoder

        return TableEncoder(place)

    def judge(self, network: Network) -> Judge:  # noqa: ARG002
        """There is none: raises RequestError."""
        raise RequestError([f"backend={self.name}: {NO_JUDGE}"])

    def identity(self) -> Mapping[str, Any]:
        """What the files depend on beside the model."""
        names = ("model2vec", "skeletoken", "scikit-learn", "torch")
        return {
            "made_by": "static",
            "recipe": RECIPE,
            "dimensions": self.dimensions,
            "versions": {name: installed_version(name) for name in names},
        }

    def calibration(self) -> int:
        """None: the network is asked about its vocabulary."""
        return 0

    def usual_seconds(self) -> float:
        """Most of it is running the network once for each token of its vocabulary."""
        return 60.0

    def build(
        self,
        network: Network,
        folder: Path,
        texts: Sequence[str],  # noqa: ARG002  (the vocabulary is all it looks at)
        say: Callable[[str], None],
    ) -> None:
        """Makes table, tokeniser and card; raises BuildError for what cannot be distilled."""
        from embprof.backends.exported.distillation import distil

        distil(network, folder, self.dimensions, say)

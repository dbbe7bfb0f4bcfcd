"""OpenVINO: the model exported as one graph, in float32, bfloat16 or int8."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, StrictInt

from embprof.backends import fitness
from embprof.errors import BuildError
from embprof.interface.backend import Encoder, Judge, Network
from embprof.machine.process_facts import installed_version

if TYPE_CHECKING:
    from embprof.backends.exported.openvino_graph import OpenvinoGraph

MODEL = "model.xml"
EXTRA = {"openvino": "openvino", "onnx": "onnx"}
EXTRA_INT8 = {**EXTRA, "nncf": "nncf"}
"""Packages of the extra ``openvino`` by the modules they bring."""
SILENT = "embprof.backends.exported.silent_openvino"
"""Imports openvino, without its report of that to its makers."""
RECIPE = 2
"""Grows whenever what is built changes in a way that no version tells."""


@dataclass(kw_only=True)
class Openvino:
    """Runs the graph with OpenVINO, which needs no torch.

    bfloat16: float32 weights, computed in bfloat16. int8: weights and activations of linear layers,
    with ranges that were read from texts of the corpus (static quantisation); what is not int8 is
    computed in the type that the runtime finds fastest here.
    """

    name: str
    dtype: Annotated[
        Literal["float32", "bfloat16", "int8"],
        Field(description="Type that linear layers are computed in."),
    ]
    streams: Annotated[
        StrictInt,
        Field(
            ge=1,
            le=1024,
            description="Batches computed side by side, each with its share of the threads.",
        ),
    ]
    hint: Annotated[
        Literal["latency", "throughput"],
        Field(description="What the runtime is told to aim at."),
    ]
    calibration_texts: Annotated[
        StrictInt,
        Field(
            ge=1,
            le=100_000,
            description="Texts, or pairs, that int8 takes its ranges from, at most.",
        ),
    ]
    folder: str | None = None
    tells_operators: ClassVar[bool] = True

    def imports(self) -> tuple[str, ...]:
        """Modules that a service with this backend imports when it starts."""
        return ("numpy", "tokenizers", SILENT)

    def problems(self, network: Network) -> Iterator[str]:
        """An extra that is not installed, a device it does not drive, a model without a graph."""
        yield from fitness.missing(self.name, EXTRA_INT8 if self._is_int8 else EXTRA)
        yield from fitness.no_network(self.name, network)
        if network.device != "cpu":
            yield (
                f"device={network.device}: OpenVINO drives no such device; use device=cpu, or "
                "backend=torch"
            )

    def remarks(self, network: Network) -> Iterator[str]:  # noqa: ARG002  (of any network)
        """A type that this processor only emulates."""
        yield from fitness.emulated(self.dtype)

    def encoder(self, network: Network) -> Encoder:  # noqa: ARG002  (what was built says it all)
        """The network for texts, loaded and ready."""
        place = fitness.built(self.folder)
        from embprof.backends.exported.network import ExportedEncoder

        return ExportedEncoder(place, self._graph(place / MODEL))

    def judge(self, network: Network) -> Judge:  # noqa: ARG002
        """The network for pairs, loaded and ready."""
        place = fitness.built(self.folder)
        from embprof.backends.exported.network import ExportedJudge

        return ExportedJudge(place, self._graph(place / MODEL))

    def identity(self) -> Mapping[str, Any]:
        """What the files depend on beside the model: float32 and bfloat16 have the same."""
        names = ("onnx", "torch", "openvino", *(("nncf",) if self._is_int8 else ()))
        return {
            "made_by": "openvino",
            "recipe": RECIPE,
            "dtype": "int8" if self._is_int8 else "float32",
            "calibration_texts": self.calibration(),
            "versions": {name: installed_version(name) for name in names},
        }

    def calibration(self) -> int:
        """Texts that int8 takes its ranges from."""
        return self.calibration_texts if self._is_int8 else 0

    def usual_seconds(self) -> float:
        """Most of it is importing torch, exporting, and for int8 running the texts."""
        return 60.0 if self._is_int8 else 25.0

    def build(
        self, network: Network, folder: Path, texts: Sequence[str], say: Callable[[str], None]
    ) -> None:
        """Makes graph, tokeniser and card.

        Raises BuildError for a model that has no graph, and for int8 without texts.
        """
        from embprof.backends.exported import export
        from embprof.backends.exported.answers import check
        from embprof.backends.exported.openvino_graph import OpenvinoGraph, convert

        if self._is_int8 and not texts:
            raise BuildError("backend.dtype=int8: the corpus has no texts to take ranges from")
        say("loading the model")
        model = export.load(network)
        with TemporaryDirectory(dir=folder) as place:
            say("exporting it to ONNX")
            export.export(model, folder, graph=Path(place) / export.GRAPH)
            say("converting it")
            convert(Path(place) / export.GRAPH, folder / MODEL)
        say("comparing its answers")
        check(model, folder, OpenvinoGraph(folder / MODEL, dtype="float32"))
        if self._is_int8:
            from embprof.backends.exported.calibration import quantise

            say(f"quantising it with {len(texts)} texts")
            quantise(folder, MODEL, texts)

    @property
    def _is_int8(self) -> bool:
        return self.dtype == "int8"

    def _graph(self, file: Path) -> OpenvinoGraph:
        from embprof.backends.exported.openvino_graph import OpenvinoGraph

        return OpenvinoGraph(file, dtype=self.dtype, streams=self.streams, hint=self.hint)

"""ONNX Runtime: the model exported as one graph, in float32 or with weights of int8."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from embprof.backends import fitness
from embprof.interface.backend import Encoder, Judge, Network
from embprof.machine.process_facts import installed_version

if TYPE_CHECKING:
    from embprof.backends.exported.onnx_graph import OnnxGraph

GRAPH = "graph.onnx"
EXTRA = {"onnxruntime": "onnxruntime", "onnx": "onnx"}
"""Packages of the extra ``onnx`` by the modules they bring."""
RECIPE = 2
"""Grows whenever what is built changes in a way that no version tells."""


@dataclass(kw_only=True)
class Onnx:
    """Runs the graph with ONNX Runtime, which needs no torch.

    int8: weights of each linear layer by channel, activations as they come (dynamic quantisation).
    """

    name: str
    dtype: Annotated[
        Literal["float32", "int8"],
        Field(description="Type of the weights of linear layers; all else is float32."),
    ]
    folder: str | None = None
    tells_operators: ClassVar[bool] = True

    def imports(self) -> tuple[str, ...]:
        """Modules that a service with this backend imports when it starts."""
        return ("numpy", "tokenizers", "onnxruntime")

    def problems(self, network: Network) -> Iterator[str]:
        """An extra that is not installed, a device of another build, a model without a graph."""
        yield from fitness.missing(self.name, EXTRA)
        yield from fitness.no_network(self.name, network)
        if network.device != "cpu" and not _drives(network.device):
            yield (
                f"device={network.device}: the installed onnxruntime computes on the CPU alone; "
                "use device=cpu, or pip install onnxruntime-gpu in its place"
            )

    def remarks(self, network: Network) -> Iterator[str]:
        """A type that this processor only emulates."""
        if network.device == "cpu":
            yield from fitness.emulated(self.dtype)

    def encoder(self, network: Network) -> Encoder:
        """The network for texts, loaded and ready."""
        place = fitness.built(self.folder)
        from embprof.backends.exported.network import ExportedEncoder

        return ExportedEncoder(place, _graph(place, network.device))

    def judge(self, network: Network) -> Judge:
        """The network for pairs, loaded and ready."""
        place = fitness.built(self.folder)
        from embprof.backends.exported.network import ExportedJudge

        return ExportedJudge(place, _graph(place, network.device))

    def identity(self) -> Mapping[str, Any]:
        """What the files depend on beside the model."""
        versions = {name: installed_version(name) for name in ("onnx", "torch")}
        if self.dtype == "int8":
            versions["onnxruntime"] = installed_version("onnxruntime")
        return {"made_by": "onnx", "recipe": RECIPE, "dtype": self.dtype, "versions": versions}

    def calibration(self) -> int:
        """None: activations are measured as they come."""
        return 0

    def usual_seconds(self) -> float:
        """Most of it is importing torch and exporting."""
        return 25.0

    def build(
        self,
        network: Network,
        folder: Path,
        texts: Sequence[str],  # noqa: ARG002  (calibrates nothing)
        say: Callable[[str], None],
    ) -> None:
        """Makes graph, tokeniser and card; raises BuildError for a model that has no graph."""
        from embprof.backends.exported import export
        from embprof.backends.exported.answers import check

        say("loading the model")
        model = export.load(network)
        say("exporting it to ONNX")
        export.export(model, folder, graph=folder / GRAPH)
        say("comparing its answers")
        check(model, folder, _graph(folder, "cpu"))
        if self.dtype == "int8":
            say("quantising it")
            _quantise(folder)


def _graph(folder: Path, device: str) -> OnnxGraph:
    from embprof.backends.exported.onnx_graph import OnnxGraph

    return OnnxGraph(folder / GRAPH, device)


def _drives(device: str) -> bool:
    """Whether the installed build of ONNX Runtime may know the device."""
    return device.startswith("cuda") and installed_version("onnxruntime-gpu") is not None


def _quantise(folder: Path) -> None:
    """Puts the graph with int8 weights in place of the other."""
    import logging

    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = folder / GRAPH
    parts = [file for file in folder.iterdir() if file.suffix not in (".json", ".onnx")]
    with TemporaryDirectory(dir=folder) as place:
        made = Path(place) / GRAPH
        logging.disable(logging.WARNING)  # it advises a preparation that changes nothing here
        try:
            quantize_dynamic(
                str(graph),
                str(made),
                per_channel=True,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=["MatMul", "Gemm"],
                use_external_data_format=bool(parts),
            )
        finally:
            logging.disable(logging.NOTSET)
        for old in [graph, *parts]:
            old.unlink()
        for new in Path(place).iterdir():
            new.replace(folder / new.name)

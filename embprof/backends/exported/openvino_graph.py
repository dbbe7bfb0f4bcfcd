"""A graph in OpenVINO. Imports openvino: for workers, and for the process that builds."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from embprof.backends.exported.batches import Feeds
from embprof.backends.exported.silent_openvino import openvino
from embprof.interface.backend import Fact
from embprof.interface.operators import OperatorTime
from embprof.machine import resources

PRECISION: Mapping[str, str] = {"float32": "f32", "bfloat16": "bf16"}
"""What the runtime calls each type; int8 stands in the graph, and the rest is left to it."""

EXECUTED = openvino.ProfilingInfo.Status.EXECUTED


def convert(graph: Path, file: Path) -> None:
    """Writes an ONNX graph as OpenVINO's own, weights in float32 as they are."""
    model = openvino.Core().read_model(os.fspath(graph))
    openvino.save_model(model, os.fspath(file), compress_to_fp16=False)


class OpenvinoGraph:
    """The graph compiled for this processor, with the threads that the environment grants."""

    more_settings: ClassVar[Mapping[str, Any]] = {}

    def __init__(
        self,
        file: Path,
        *,
        dtype: str,
        streams: int = 1,
        hint: Literal["latency", "throughput"] = "latency",
    ) -> None:
        self._file, self._dtype = file, dtype
        self.at_once = 1 if streams == 1 else None
        settings: dict[str, Any] = {
            "PERFORMANCE_HINT": hint.upper(),
            "INFERENCE_NUM_THREADS": resources.threads(None),
            "NUM_STREAMS": streams,
        }
        if dtype in PRECISION:
            settings["INFERENCE_PRECISION_HINT"] = PRECISION[dtype]
        settings |= self.more_settings
        self._compiled = openvino.Core().compile_model(os.fspath(file), "CPU", settings)
        self._inputs = [one.get_any_name() for one in self._compiled.inputs]
        self._request = self._compiled.create_infer_request()
        self._queue = openvino.AsyncInferQueue(self._compiled, streams) if streams > 1 else None

    def timed(self) -> TimedOpenvinoGraph:
        """The same graph compiled with counters, for a single stream."""
        return TimedOpenvinoGraph(self._file, dtype=self._dtype)

    def run(self, feeds: Sequence[Feeds]) -> Sequence[NDArray[np.float32]]:
        """What comes out for each batch, in their order."""
        given = [[one[name] for name in self._inputs] for one in feeds]
        if self._queue is None:
            return [self._run(one) for one in given]
        found: list[Any] = [None] * len(given)

        def keep(request: Any, place: int) -> None:
            found[place] = request.get_output_tensor(0).data.copy()  # the next batch overwrites it

        self._queue.set_callback(keep)
        for place, one in enumerate(given):
            self._queue.start_async(dict(enumerate(one)), place)
        self._queue.wait_all()
        return found

    def weight_files(self) -> Mapping[Path, bool]:
        """The file beside the graph, which is mapped where the graph computes with it as it is."""
        return {self._file.with_suffix(".bin"): True}

    def facts(self) -> Mapping[str, Fact]:
        """The runtime, its threads and streams, the type it computes in."""
        told = self._compiled.get_property
        precision = told("INFERENCE_PRECISION_HINT")
        return {
            "runtime": f"openvino {openvino.__version__.partition('-')[0]}",
            "runtime_threads": int(told("INFERENCE_NUM_THREADS")),
            "streams": int(told("NUM_STREAMS")),
            "runtime_type": getattr(precision, "to_string", precision.__str__)(),
        }

    def _run(self, given: Sequence[Any]) -> NDArray[np.float32]:
        self._request.infer(dict(enumerate(given)), share_inputs=True)
        results: NDArray[np.float32] = self._request.get_output_tensor(0).data.copy()
        return results


class TimedOpenvinoGraph(OpenvinoGraph):
    """One whose operators count their time.

    Source: OpenVINO, ``ov::enable_profiling`` and ``InferRequest.profiling_info``: of each operator
    as it was compiled (several of the model's may be one), its time in the last inference.
    """

    more_settings: ClassVar[Mapping[str, Any]] = {"PERF_COUNT": True}

    def __init__(self, file: Path, *, dtype: str) -> None:
        super().__init__(file, dtype=dtype)
        self._sums: dict[tuple[str, str], tuple[float, int]] = {}

    def times(self) -> Sequence[OperatorTime]:
        """Those of all that it ran."""
        return [
            OperatorTime(kind=kind, name=name, seconds=seconds, calls=calls)
            for (kind, name), (seconds, calls) in self._sums.items()
        ]

    def write(self, folder: Path) -> Sequence[Path]:  # noqa: ARG002  (it keeps nothing more)
        """Nothing."""
        return ()

    def _run(self, given: Sequence[Any]) -> NDArray[np.float32]:
        results = super()._run(given)
        for one in self._request.profiling_info:
            if one.status == EXECUTED:
                key = one.node_type, one.node_name
                seconds, calls = self._sums.get(key, (0.0, 0))
                self._sums[key] = seconds + one.real_time.total_seconds(), calls + 1
        return results

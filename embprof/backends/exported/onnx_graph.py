"""A graph in ONNX Runtime. Imports onnxruntime: for workers, and for the process that builds."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from embprof.backends.exported.batches import Feeds
from embprof.interface.backend import Fact
from embprof.interface.operators import OperatorTime
from embprof.machine import resources

onnxruntime.disable_telemetry_events()
NODE, KERNEL = "Node", "_kernel_time"
"""The category of an operator's events, and how the name ends of the one that is its computing."""
TRACE, MICROSECOND = "trace.json", 1e-6
ERRORS = 3
"""ONNX Runtime's level of logging: its warnings are of what it does for speed."""


class OnnxGraph:
    """The graph in a session of its own, with the threads that the environment grants.

    Idle threads sleep, unless OMP_WAIT_POLICY says that they spin.
    """

    at_once = 1

    def __init__(self, file: Path, device: str) -> None:
        self._file, self._device = file, device
        self._session = self._loaded(onnxruntime.SessionOptions())
        self._inputs = [one.name for one in self._session.get_inputs()]

    def timed(self) -> TimedOnnxGraph:
        """The same graph in another session, which keeps the time of each operator."""
        return TimedOnnxGraph(self._file, self._device)

    def run(self, feeds: Sequence[Feeds]) -> Sequence[NDArray[np.float32]]:
        """What comes out for each batch, in their order."""
        return [self._run(one) for one in feeds]

    def weight_files(self) -> Mapping[Path, bool]:
        """The graph itself, whose weights are copied to where it is computed."""
        return {self._file: self._device == "cpu"}

    def facts(self) -> Mapping[str, Fact]:
        """The runtime, its build, its threads."""
        return {
            "runtime": f"onnxruntime {onnxruntime.__version__}",
            "provider": self._session.get_providers()[0],
            "runtime_threads": self._threads,
        }

    def _loaded(self, options: Any) -> Any:
        self._threads = options.intra_op_num_threads = resources.threads(None)
        options.inter_op_num_threads = 1
        options.log_severity_level = ERRORS
        spins = resources.wait_policy("default") == "active"
        options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spins)))
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(
            os.fspath(self._file), options, providers=_providers(self._device)
        )

    def _run(self, feeds: Feeds) -> NDArray[np.float32]:
        # An input of which nothing depends is no longer one of the graph's.
        given = {name: feeds[name] for name in self._inputs}
        results: NDArray[np.float32] = self._session.run(None, given)[0]
        return results


class TimedOnnxGraph(OnnxGraph):
    """One whose session writes down when each operator began and how long it took.

    Source: ONNX Runtime, "Performance: profiling tools". The session keeps a million events, which
    are 3,000 batches of a network of six layers, and drops what comes after.
    """

    def __init__(self, file: Path, device: str) -> None:
        self._folder = Path(tempfile.mkdtemp())
        super().__init__(file, device)

    def times(self) -> Sequence[OperatorTime]:
        """Those of all that it ran."""
        self._trace = Path(self._session.end_profiling())
        events = json.loads(self._trace.read_text(encoding="utf-8"))
        sums: dict[tuple[str, str], list[float]] = defaultdict(list)
        for event in events:
            if event.get("cat") == NODE and event["name"].endswith(KERNEL):
                kind = event["args"]["op_name"]
                sums[kind, event["name"].removesuffix(KERNEL)].append(MICROSECOND * event["dur"])
        return [
            OperatorTime(kind=kind, name=name, seconds=math.fsum(those), calls=len(those))
            for (kind, name), those in sums.items()
        ]

    def write(self, folder: Path) -> Sequence[Path]:
        """The trace of all calls, for Perfetto."""
        return (Path(shutil.move(self._trace, folder / TRACE)),)

    def _loaded(self, options: Any) -> Any:
        options.enable_profiling = True
        options.profile_file_prefix = os.fspath(self._folder / "onnxruntime")
        return super()._loaded(options)


def _providers(device: str) -> list[Any]:
    if device == "cpu":
        return ["CPUExecutionProvider"]
    number = int(device.partition(":")[2] or 0)
    return [("CUDAExecutionProvider", {"device_id": number}), "CPUExecutionProvider"]

"""A graph in ONNX Runtime. Imports onnxruntime: for workers, and for the process that builds."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from embprof.backends.exported.batches import Feeds
from embprof.interface.backend import Fact
from embprof.machine import resources

onnxruntime.disable_telemetry_events()
ERRORS = 3
"""ONNX Runtime's level of logging: its warnings are of what it does for speed."""


class OnnxGraph:
    """The graph in a session of its own, with the threads that the environment grants.

    Idle threads sleep, unless OMP_WAIT_POLICY says that they spin.
    """

    at_once = 1

    def __init__(self, file: Path, device: str) -> None:
        options = onnxruntime.SessionOptions()
        self._threads = options.intra_op_num_threads = resources.threads(None)
        options.inter_op_num_threads = 1
        options.log_severity_level = ERRORS
        spins = resources.wait_policy("default") == "active"
        options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spins)))
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            os.fspath(file), options, providers=_providers(device)
        )
        self._inputs = [one.name for one in self._session.get_inputs()]

    def run(self, feeds: Sequence[Feeds]) -> Sequence[NDArray[np.float32]]:
        """What comes out for each batch, in their order."""
        return [self._run(one) for one in feeds]

    def facts(self) -> Mapping[str, Fact]:
        """The runtime, its build, its threads."""
        return {
            "runtime": f"onnxruntime {onnxruntime.__version__}",
            "provider": self._session.get_providers()[0],
            "runtime_threads": self._threads,
        }

    def _run(self, feeds: Feeds) -> NDArray[np.float32]:
        # An input of which nothing depends is no longer one of the graph's.
        given = {name: feeds[name] for name in self._inputs}
        results: NDArray[np.float32] = self._session.run(None, given)[0]
        return results


def _providers(device: str) -> list[Any]:
    if device == "cpu":
        return ["CPUExecutionProvider"]
    number = int(device.partition(":")[2] or 0)
    return [("CUDAExecutionProvider", {"device_id": number}), "CPUExecutionProvider"]

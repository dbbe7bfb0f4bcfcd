"""Makes backends, networks, and what backends need for networks."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from embprof.backends.onnx import Onnx
from embprof.backends.openvino import Openvino
from embprof.backends.static import Static
from embprof.backends.torch import Torch
from embprof.interface.backend import Backend, Builds, Network, Task
from embprof.interface.network import Model
from tests.integration.backends.texts import texts_of

CALIBRATION = 64
NEEDS = {
    "onnx": ("onnx", "onnxruntime"),
    "openvino": ("onnx", "openvino", "nncf"),
    "static": ("model2vec", "skeletoken"),
    "torch": (),
}


@dataclass(frozen=True)
class Workshop:
    """``new_folder`` makes an empty one."""

    new_folder: Callable[[str], Path]

    def backend(self, which: str) -> Backend:
        """A backend by its name and type: ``openvino int8``; skips where it is not installed."""
        name, dtype = which.split()
        if lacking := [one for one in NEEDS[name] if find_spec(one) is None]:
            pytest.skip(f"{', '.join(lacking)} is not installed")
        given: dict[str, Any] = {"name": name, "dtype": dtype}
        run: dict[str, Any] = {"streams": 1, "hint": "latency", "calibration_texts": CALIBRATION}
        makes: dict[str, Callable[[], Backend]] = {
            "torch": lambda: Torch(**given),
            "onnx": lambda: Onnx(**given),
            "openvino": lambda: Openvino(**given, **run),
            "static": lambda: Static(**given, dimensions=None),
        }
        return makes[name]()

    def network(
        self, path: Path | None = None, *, task: Task = "embed", weights: str = "pretrained"
    ) -> Network:
        """The packaged model, or that of a folder, on the CPU."""
        nothing = {"revision": None, "sha256": None, "architecture": None}
        place = None if path is None else str(path)
        model = Model.model_validate(
            {"name": "all-MiniLM-L6-v2", "path": place, "weights": weights, **nothing}
        )
        return Network(model=model, task=task, device="cpu", seed=7)

    def build(self, backend: Backend, network: Network) -> Any:
        """The backend with what it needs for the network."""
        if isinstance(backend, Builds):
            folder = self.new_folder(backend.name)
            texts = texts_of("evidence")[: backend.calibration()]
            backend.build(network, folder, texts, lambda _: None)
            backend.folder = str(folder)
        return backend

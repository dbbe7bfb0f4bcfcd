"""A worker's process, as bare as a service would be."""

import json
import subprocess
import sys
from pathlib import Path

from embprof.interface.backend import Builds

HEAVY = {"torch", "transformers", "sentence_transformers", "onnx", "nncf", "model2vec", "sklearn"}
PROGRAM = """
import importlib, json, sys
from embprof.interface.backend import Network
from embprof.interface.network import Model
module, name, settings, folder = json.loads(sys.argv[1])
backend = getattr(importlib.import_module(module), name)(**settings)
backend.folder = folder
for name in backend.imports():
    importlib.import_module(name)
nothing = {"revision": None, "path": None, "sha256": None, "architecture": None}
model = Model(name="any", weights="pretrained", **nothing)
encoder = backend.encoder(Network(model=model, task="embed", device="cpu", seed=0))
assert len(encoder.encode(["one", "two of them"], batch_size=2, normalize=True)) == 2
print(json.dumps(sorted(name for name, module in sys.modules.items() if module is not None)))
"""


def imported_by_worker(backend: Builds, folder: Path) -> set[str]:
    """The modules that are there when two texts have been embedded, with no word of warning."""
    program = folder / "worker.py"
    program.write_text(PROGRAM, encoding="utf-8")
    settings = {name: value for name, value in vars(backend).items() if name != "folder"}
    kind = type(backend)
    told = json.dumps([kind.__module__, kind.__name__, settings, backend.folder])
    command = [sys.executable, "-W", "error", str(program), told]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return set(json.loads(done.stdout))

"""What backends say before anything is loaded, and without importing what is heavy."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embprof.backends import fitness
from embprof.backends.compile import Compile
from embprof.backends.onnx import Onnx
from embprof.backends.openvino import Openvino
from embprof.backends.static import Static
from embprof.backends.torch import Torch
from embprof.interface.backend import Builds, Network, Task
from embprof.interface.classes import without_heavy
from embprof.interface.network import Model


def _network(device: str = "cpu", task: Task = "embed") -> Network:
    nothing: dict[str, Any] = {"revision": None, "path": None, "sha256": None, "architecture": None}
    model = Model(name="nobody/nothing", weights="pretrained", **nothing)
    return Network(model=model, task=task, device=device, seed=0)


def _openvino(dtype: Any = "float32") -> Openvino:
    return Openvino(name="openvino", dtype=dtype, streams=1, hint="latency", calibration_texts=300)


ALL = (
    Torch(name="torch", dtype="float32"),
    Compile(name="compile", dtype="float32", mode="default"),
    Onnx(name="onnx", dtype="float32"),
    _openvino(),
    Static(name="static", dtype="float32", dimensions=256),
)


@pytest.fixture(autouse=True)
def _everything_is_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fitness, "is_installed", lambda _: True)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    before = set(sys.modules)
    yield
    heavy = {"torch", "onnxruntime", "openvino", "nncf", "model2vec", "tokenizers"}
    assert not heavy & (set(sys.modules) - before)


@pytest.mark.parametrize("backend", ALL, ids=lambda one: one.name)
def test_a_cpu_has_no_problem(backend: Any) -> None:
    assert list(backend.problems(_network())) == []


@pytest.mark.parametrize(
    ("backend", "extra"), [(ALL[2], "onnx"), (ALL[3], "openvino"), (ALL[4], "static")]
)
def test_an_extra_that_is_not_installed_is_named(
    backend: Any, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitness, "is_installed", lambda _: False)
    (problem,) = backend.problems(_network())
    assert f"pip install 'embprof[{extra}]'" in problem


def test_int8_of_openvino_needs_what_quantises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitness, "is_installed", lambda name: name != "nncf")
    assert list(_openvino().problems(_network())) == []
    assert "needs nncf" in next(_openvino("int8").problems(_network()))


@pytest.mark.parametrize("backend", ALL[2:], ids=lambda one: one.name)
def test_a_device_that_a_runtime_does_not_drive_is_said(backend: Any) -> None:
    (problem,) = backend.problems(_network("cuda:0"))
    assert problem.startswith("device=cuda:0: ")
    assert "use device=cpu" in problem


def test_int8_of_torch_is_for_the_cpu() -> None:
    (problem,) = Torch(name="torch", dtype="int8").problems(_network("cuda"))
    assert "dynamic quantisation on the CPU alone" in problem


def test_a_compiler_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert "needs a C++ compiler" in next(iter(ALL[1].problems(_network())))


def test_pairs_need_a_network() -> None:
    (problem,) = ALL[4].problems(_network(task="judge"))
    assert "judges no pairs" in problem


@pytest.mark.parametrize(
    ("backend", "flags", "is_said"),
    [
        (_openvino("bfloat16"), {"avx2"}, True),
        (_openvino("bfloat16"), {"avx2", "amx_bf16"}, False),
        (_openvino("int8"), {"avx2"}, True),
        (_openvino("int8"), {"avx_vnni"}, False),
        (Onnx(name="onnx", dtype="int8"), {"avx2"}, True),
        (Onnx(name="onnx", dtype="float32"), {"avx2"}, False),
        (Onnx(name="onnx", dtype="int8"), set(), False),
        (Torch(name="torch", dtype="bfloat16"), {"avx2"}, True),
    ],
)
def test_a_type_that_a_processor_only_emulates_is_said(
    backend: Any, flags: set[str], *, is_said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitness, "cpu_flags", lambda: frozenset(flags))
    assert any("are emulated" in one for one in backend.remarks(_network())) == is_said


def test_the_first_calls_of_a_compiled_network_compile() -> None:
    assert any("compiled within the first calls" in one for one in ALL[1].remarks(_network()))


@pytest.mark.parametrize("backend", ALL[2:], ids=lambda one: one.name)
def test_what_builds_says_what_its_files_depend_on(backend: Any) -> None:
    assert isinstance(backend, Builds)
    assert backend.identity()["made_by"] == backend.name
    assert backend.usual_seconds() > 0
    with pytest.raises(ValueError, match="must be told the folder"):
        backend.encoder(_network())


def test_ranges_are_read_for_int8_alone_and_float_types_share_their_files() -> None:
    assert [_openvino(dtype).calibration() for dtype in ("float32", "bfloat16", "int8")] == [
        *(0, 0, 300)
    ]
    assert _openvino("float32").identity() == _openvino("bfloat16").identity()
    assert _openvino("float32").identity() != _openvino("int8").identity()


def test_every_option_of_the_group_makes_its_class() -> None:
    from hydra.utils import instantiate
    from omegaconf import OmegaConf

    folder = Path(fitness.__file__).parents[2] / "conf" / "backend"
    options: dict[str, Any] = {file.stem: OmegaConf.load(file) for file in folder.glob("*.yaml")}
    assert options.keys() == {"torch", "compile", "onnx", "openvino", "static"}
    for name, node in options.items():
        if name != "torch":
            assert instantiate(node).name == name == node["_target_"].split(".")[2]


def test_heavy_packages_are_looked_for_where_nobody_may_import_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    with without_heavy():
        assert fitness.is_installed("numpy")
        assert not fitness.is_installed("no_such_package")
        assert isinstance(fitness.is_installed("onnxruntime"), bool)

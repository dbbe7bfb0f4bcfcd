"""Parts of a workload, found by what its libraries call them; the libraries are fakes."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from embprof.machine import heap, process_memory
from embprof.machine.process_memory import Mapping
from embprof.measurements.memory import components


class Tensor:
    def __init__(self, address: int, numbers: int, device: str = "cpu") -> None:
        self.address, self.numbers = address, numbers
        self.device = SimpleNamespace(type=device)

    def data_ptr(self) -> int:
        return self.address

    def numel(self) -> int:
        return self.numbers

    def element_size(self) -> int:
        return 4


class Module:
    def __init__(self, *parameters: Tensor, buffers: tuple[Tensor, ...] = ()) -> None:
        self._parameters, self._buffers = parameters, buffers

    def parameters(self) -> tuple[Tensor, ...]:
        return self._parameters

    def buffers(self) -> tuple[Tensor, ...]:
        return self._buffers


@pytest.fixture(autouse=True)
def _torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(nn=SimpleNamespace(Module=Module)))
    monkeypatch.setattr(process_memory, "mappings", lambda _: [])


def test_weights_are_all_parameters_and_buffers_each_once() -> None:
    shared = Tensor(100, 10)
    workload = SimpleNamespace(
        encoder=Module(shared, Tensor(200, 5)),
        pipeline={"reader": SimpleNamespace(model=Module(shared, buffers=(Tensor(300, 1),)))},
    )
    assert components.weights(workload) == components.Weights(size=64, resident=64)


def test_mapped_weights_are_resident_as_far_as_they_were_touched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mapping = Mapping(start=1000, end=2000, file="model.safetensors", resident=40)
    monkeypatch.setattr(process_memory, "mappings", lambda _: [mapping])
    workload = SimpleNamespace(model=Module(Tensor(1000, 50), Tensor(1200, 50), Tensor(9, 5)))
    assert components.weights(workload) == components.Weights(size=420, resident=60)


def test_weights_on_a_gpu_are_not_in_the_hosts_memory() -> None:
    workload = SimpleNamespace(model=Module(Tensor(1, 50, device="cuda")))
    assert components.weights(workload) == components.Weights(size=200, resident=0)


def test_a_workload_without_torch_has_no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    assert components.weights(SimpleNamespace(numbers=[1, 2])) is None
    monkeypatch.delitem(sys.modules, "torch")
    assert components.weights(SimpleNamespace(model=Module(Tensor(1, 1)))) is None


class Tokenizer:
    made = 0

    def to_str(self) -> str:
        return "{}"

    @classmethod
    def from_str(cls, _: str) -> Tokenizer:
        cls.made += 1
        return cls()


def test_a_tokenizer_takes_what_its_copy_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", SimpleNamespace(Tokenizer=Tokenizer))
    monkeypatch.setattr(heap, "in_use", lambda: 1000 + 500 * Tokenizer.made)
    holder = SimpleNamespace(inner=SimpleNamespace(_tokenizer=Tokenizer()))
    assert components.tokenizers(holder) == 500
    assert components.tokenizers(SimpleNamespace()) is None
    monkeypatch.setattr(heap, "in_use", lambda: None)
    assert components.tokenizers(holder) is None


def test_without_the_library_there_is_no_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tokenizers", raising=False)
    assert components.tokenizers(SimpleNamespace(one=Tokenizer())) is None


class Exported:
    def __init__(self, file: Path, *, is_on_host: bool = True) -> None:
        self._files = {file: is_on_host}

    def weight_files(self) -> dict[Path, bool]:
        return self._files


def test_weights_of_a_graph_are_the_bytes_of_its_file(tmp_path: Path) -> None:
    (file := tmp_path / "graph.onnx").write_bytes(b"w" * 300)
    workload = SimpleNamespace(_encoder=Exported(file), twice=Exported(file))
    assert components.weights(workload) == components.Weights(size=300, resident=300)
    on_gpu = SimpleNamespace(_encoder=Exported(file, is_on_host=False))
    assert components.weights(on_gpu) == components.Weights(size=300, resident=0)


def test_a_graph_whose_file_is_mapped_is_resident_as_far_as_it_was_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file := tmp_path / "graph.bin").write_bytes(b"w" * 300)
    mapping = Mapping(start=0, end=300, file=str(file), resident=120)
    monkeypatch.setattr(process_memory, "mappings", lambda _: [mapping])
    found = components.weights(SimpleNamespace(_encoder=Exported(file)))
    assert found == components.Weights(size=300, resident=120)

"""Which files make a model: those that are read, whatever they are called, and no others."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from embprof.models import model_files
from tests.unit.conftest import CONFIG, EMPTY_HEADER

Put = Callable[..., None]
OURS = "sentence_transformers.models"
MODULES = [
    {"path": "", "type": f"{OURS}.Transformer"},
    {"path": "1_Pooling", "type": f"{OURS}.Pooling"},
    {"path": "2_Dense", "type": f"{OURS}.Dense"},
]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def put(model_folder: Path) -> Put:
    """Writes files into the folder of a saved model, below other folders too."""

    def write(**files: str) -> None:
        for name, content in files.items():
            file = model_folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)

    return write


def test_configurations_of_the_network_and_of_every_module_count(
    model_folder: Path, put: Put
) -> None:
    read = {
        "config.json": "{}",
        "modules.json": json.dumps(MODULES),
        "sentence_bert_config.json": "{}",
        "config_sentence_transformers.json": "{}",
        "special_tokens_map.json": "{}",
        "vocab.txt": "a second tokenizer",
        "1_Pooling/config.json": "{}",
        "2_Dense/config.json": "{}",
        "2_Dense/model.safetensors": "dense",
        "2_Dense/deeper/config.json": "{}",
    }
    put(**read)
    found = model_files.other_files(model_folder)
    assert found == {name: sha256(content.encode()) for name, content in sorted(read.items())}
    assert list(found) == sorted(found)


def test_documents_other_runtimes_and_folders_of_no_module_do_not_count(
    model_folder: Path, put: Put
) -> None:
    before = model_files.other_files(model_folder)
    put(
        **{
            "README.md": "words",
            ".gitattributes": "*",
            "tf_model.h5": "tensorflow",
            "onnx/config.json": "{}",
            "checkpoint-500/config.json": "{}",
            "pytorch_model.bin": "the same weights in the other form",
        }
    )
    assert (
        model_files.other_files(model_folder) == before == {"config.json": sha256(CONFIG.encode())}
    )


@pytest.mark.parametrize(
    ("index", "part"),
    [
        ("model.safetensors.index.json", "model-{}-of-2.safetensors"),
        ("pytorch_model.bin.index.json", "pytorch_model-{}-of-2.bin"),
    ],
)
def test_every_part_of_weights_in_several_files_counts(
    model_folder: Path, put: Put, index: str, part: str
) -> None:
    (model_folder / "model.safetensors").unlink()
    names = [part.format(number) for number in (1, 2)]
    put(**{index: json.dumps({"weight_map": {"a": names[0], "b": names[1]}})})
    put(**{name: name for name in names})
    before = model_files.weights_sha256(model_folder)
    assert set(model_files.other_files(model_folder)) == {"config.json"}
    put(**{names[1]: "trained once more"})
    assert model_files.weights_sha256(model_folder) not in (before, None)
    (model_folder / names[1]).unlink()
    with pytest.raises(ValueError, match=rf"names {names[1]}, which is not there"):
        model_files.weights_sha256(model_folder)


def test_weights_in_a_bin_file_count_where_there_are_no_others(
    model_folder: Path, put: Put
) -> None:
    put(**{"pytorch_model.bin": "bin"})
    assert model_files.weights_sha256(model_folder) == sha256(EMPTY_HEADER + b"weights")
    (model_folder / "model.safetensors").unlink()
    assert model_files.weights_sha256(model_folder) == sha256(b"bin")
    put(**{"modules.json": json.dumps(MODULES), "2_Dense/pytorch_model.bin": "dense"})
    assert "2_Dense/pytorch_model.bin" in model_files.other_files(model_folder)


@pytest.mark.parametrize("content", ["{", "[1]", '[{"name": "0"}]'])
def test_a_list_of_modules_that_cannot_be_read_is_told(
    model_folder: Path, put: Put, content: str
) -> None:
    put(**{"modules.json": content})
    with pytest.raises(ValueError, match=r"^has a modules\.json that is no "):
        model_files.other_files(model_folder)


def test_another_file_of_the_same_size_and_time_is_hashed_again(tmp_path: Path) -> None:
    file, other = tmp_path / "config.json", tmp_path / "other"
    file.write_bytes(b"one")
    assert model_files.file_sha256(file) == sha256(b"one")
    other.write_bytes(b"two")
    stat = file.stat()
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(file)
    assert model_files.file_sha256(file) == sha256(b"two")


def test_without_a_folder_there_is_nothing() -> None:
    assert model_files.weights_sha256(None) is model_files.tokenizer_sha256(None) is None
    assert model_files.other_files(None) == {}

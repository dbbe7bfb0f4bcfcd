"""Which files make a saved model what it is, and their hashes.

Two folders with the same weights are two models if they pool otherwise, cut elsewhere or put a
prompt before each text: sentence-transformers reads all that from small files beside the weights.
So every file that it or transformers may read counts. Taking one too many costs a comparison that
would have been fair; leaving one out gives one model the answers of another.
"""

import functools
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MODULES = "modules.json"
INDEX = ".index.json"
"""How the name ends of the list of the files that large weights are cut into."""
WEIGHT_FILES = (
    *("model.safetensors", f"model.safetensors{INDEX}"),
    *("pytorch_model.bin", f"pytorch_model.bin{INDEX}"),
)
"""The first that is there is loaded. Source: transformers/modeling_utils.py."""
TOKENIZER_FILES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "sentencepiece.bpe.model",
    "spiece.model",
    "spm.model",
)
UNREAD = frozenset(
    {
        *(".md", ".csv", ".tsv", ".log", ".png", ".jpg", ".jpeg", ".svg", ".pdf", ".lock", ".tmp"),
        *(".h5", ".msgpack", ".ot", ".onnx", ".onnx_data", ".tflite", ".gguf", ".pt", ".pth"),
    }
)
"""Endings of files that PyTorch models do not need: documents, and weights of other runtimes."""


def has_weights(folder: Path) -> bool:
    """Whether weights lie there, in one file or in several."""
    return any((folder / name).is_file() for name in WEIGHT_FILES)


def weights_sha256(folder: Path | None) -> str | None:
    """Hex SHA-256 of the weights that are loaded; None where there are none.

    Of one file that of its content; of several that of their names and hashes, a line each. Raises
    ValueError for an index that cannot be read, or names a file that is not there.
    """
    files = [] if folder is None else weight_files(folder)
    if len(files) < 2:  # noqa: PLR2004  (an index and a file at least)
        return file_sha256(files[0]) if files else None
    lines = "".join(f"{file.name} {file_sha256(file)}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def weight_files(folder: Path) -> list[Path]:
    """The file of the weights, or the index of several and those; raises ValueError as above."""
    first = next((folder / name for name in WEIGHT_FILES if (folder / name).is_file()), None)
    if first is None:
        return []
    if not first.name.endswith(INDEX):
        return [first]
    try:
        names = sorted(set(_read_json(first)["weight_map"].values()))
        parts = [folder / name for name in names]
    except (KeyError, TypeError, AttributeError):
        raise ValueError(f"{first}: is no index of weights, it has no weight_map") from None
    if missing := [part.name for part in parts if not part.is_file()]:
        raise ValueError(f"{first}: names {', '.join(missing)}, which is not there")
    return [first, *parts]


def tokenizer_sha256(folder: Path | None) -> str | None:
    """Hex SHA-256 of the tokeniser's main file; None where there is none."""
    file = None if folder is None else _tokenizer_file(folder)
    return None if file is None else file_sha256(file)


def other_files(folder: Path | None) -> dict[str, str]:
    """All that is read beside the weights and the tokeniser's main file: name and hex SHA-256.

    Configurations, of every module too (``1_Pooling/config.json``), weights of modules after the
    network, special tokens, prompts. Raises ValueError for a list of modules that cannot be read.
    """
    if folder is None:
        return {}
    known = {*weight_files(folder), _tokenizer_file(folder)}
    files = [file for file in _read_files(folder) if file not in known]
    return {file.relative_to(folder).as_posix(): file_sha256(file) for file in sorted(files)}


def file_sha256(file: Path) -> str:
    """Hex SHA-256 of a file, which is read once a process unless it changes."""
    stat = file.stat()
    return _sha256(str(file.resolve()), stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _tokenizer_file(folder: Path) -> Path | None:
    return next((folder / name for name in TOKENIZER_FILES if (folder / name).is_file()), None)


def _read_files(folder: Path) -> Iterator[Path]:
    """What lies in the folder itself, and in those of its modules at any depth."""
    yield from _kept(folder, [entry.name for entry in folder.iterdir() if entry.is_file()])
    for module in _module_folders(folder):
        for place, _, names in os.walk(module):
            yield from _kept(Path(place), names)


def _kept(folder: Path, names: list[str]) -> Iterator[Path]:
    has_safetensors = any(name in names for name in WEIGHT_FILES[:2])
    for name in names:
        file = folder / name
        is_second_copy = file.suffix == ".bin" and has_safetensors
        if not (name.startswith(".") or file.suffix.lower() in UNREAD or is_second_copy):
            yield file


def _module_folders(folder: Path) -> list[Path]:
    file = folder / MODULES
    if not file.is_file():
        return []
    try:
        names = dict.fromkeys(str(module["path"]) for module in _read_json(file))
    except (KeyError, TypeError):
        raise ValueError(f"{file}: is no list of modules, each with its path") from None
    return [folder / name for name in names if name not in ("", ".")]


def _read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{file}: cannot be read: {error}") from None


@functools.lru_cache(maxsize=4096)
def _sha256(file: str, _size: int, _modified: int, _inode: int) -> str:
    with Path(file).open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

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

from embprof.models import weight_files
from embprof.models.saved_model import modules_of

ROUTER = "router_config.json"
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


def weights_sha256(folder: Path | None) -> str | None:
    """Hex SHA-256 of the weights that are loaded; None where there are none.

    Of one file that of its content; of several that of their names and hashes, a line each. Raises
    ValueError for an index that cannot be read, or names a file that is not there.
    """
    files = [] if folder is None else weight_files.files(_first(folder))
    if len(files) < 2:  # noqa: PLR2004  (an index and a file at least)
        return file_sha256(files[0]) if files else None
    lines = "".join(f"{file.name} {file_sha256(file)}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def tokenizer_sha256(folder: Path | None) -> str | None:
    """Hex SHA-256 of the tokeniser's main file; None where there is none."""
    file = None if folder is None else _tokenizer_file(_first(folder))
    return None if file is None else file_sha256(file)


def other_files(folder: Path | None) -> dict[str, str]:
    """All that is read beside the weights and the tokeniser's main file: name and hex SHA-256.

    Configurations, of every module too (``1_Pooling/config.json``), weights of modules after the
    network, special tokens, prompts. Raises ValueError for a list of modules that cannot be read.
    """
    if folder is None:
        return {}
    first = _first(folder)
    known = {*weight_files.files(first), _tokenizer_file(first)}
    files = [file for file in _read_files(folder) if file not in known]
    return {file.relative_to(folder).as_posix(): file_sha256(file) for file in sorted(files)}


def file_sha256(file: Path) -> str:
    """Hex SHA-256 of a file, which is read once a process unless it changes."""
    stat = file.stat()
    return _sha256(str(file.resolve()), stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _tokenizer_file(folder: Path) -> Path | None:
    return next((folder / name for name in TOKENIZER_FILES if (folder / name).is_file()), None)


def _first(folder: Path) -> Path:
    """Where weights and tokeniser lie: in the folder of the first module."""
    modules = modules_of(folder)
    return modules[0].folder if modules else folder


def _read_files(folder: Path) -> Iterator[Path]:
    """What lies in the folder itself, and in those of its modules at any depth."""
    yield from _kept(folder, [entry.name for entry in folder.iterdir() if entry.is_file()])
    inside = [module.folder for module in modules_of(folder)]
    inside += [part for one in inside for part in _parts(one)]
    for module in dict.fromkeys(inside):
        if module != folder:
            for place, _, names in os.walk(module):
                yield from _kept(Path(place), names)


def _parts(folder: Path) -> list[Path]:
    """The folders of the modules between which a router chooses."""
    try:
        types = json.loads((folder / ROUTER).read_text(encoding="utf-8"))["types"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [folder / str(name) for name in types]


def _kept(folder: Path, names: list[str]) -> Iterator[Path]:
    has_safetensors = any(name in names for name in weight_files.NAMES[:2])
    for name in names:
        file = folder / name
        is_second_copy = file.suffix == ".bin" and has_safetensors
        if not (name.startswith(".") or file.suffix.lower() in UNREAD or is_second_copy):
            yield file


@functools.lru_cache(maxsize=4096)
def _sha256(file: str, _size: int, _modified: int, _inode: int) -> str:
    with Path(file).open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

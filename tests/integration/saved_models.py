"""Saved models made of the packaged one: its weights, with other small files beside them."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from embprof.models.weights import bert_tokenizer_folder

WEIGHTS = "model.safetensors"
PROMPT = (
    "Instruct: Given a claim that somebody made on the web, retrieve passages of text which are "
    "relevant and which either support it or refute it, and nothing else beside.\nQuery: "
)
PROMPT_TOKENS = 37
"""In the vocabulary of the packaged model; to this come its two special tokens."""
PROMPTED = {
    "config_sentence_transformers.json": {
        "prompts": {"query": PROMPT, "document": ""},
        "default_prompt_name": "query",
    }
}
"""The file of a model that puts a prompt before every text."""


def save(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    """The packaged model in a folder; the keys of its JSON files changed as ``files`` says."""
    packaged = bert_tokenizer_folder()
    assert packaged is not None
    shutil.copytree(packaged, folder, ignore=shutil.ignore_patterns(WEIGHTS))
    (folder / WEIGHTS).symlink_to(packaged / WEIGHTS)
    for name, changes in files.items():
        file = folder / name
        file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def save_old(folder: Path) -> None:
    """The same as sentence-transformers saved it once: the network in a folder of its own."""
    save(folder, {})
    inside = folder / "0_Transformer"
    inside.mkdir()
    for file in [one for one in folder.iterdir() if one.is_file() and one.name != "modules.json"]:
        file.rename(inside / file.name)
    (folder / "1_Pooling").rename(folder / "pooling")
    listed = json.loads((folder / "modules.json").read_text())
    listed[0]["path"], listed[1]["path"] = inside.name, "pooling"
    (folder / "modules.json").write_text(json.dumps(listed))


def save_static(folder: Path, dimensions: int) -> None:
    """A table of vectors by token, without a network; read with the packaged tokens."""
    packaged = bert_tokenizer_folder()
    assert packaged is not None
    folder.mkdir()
    shutil.copy(packaged / "tokenizer.json", folder)
    kind = "sentence_transformers.models.StaticEmbedding"
    listed = [{"idx": 0, "name": "0", "path": "", "type": kind}]
    (folder / "modules.json").write_text(json.dumps(listed))
    table = np.random.default_rng(0).normal(size=(30522, dimensions)).astype(np.float32)
    save_file({"embedding.weight": table}, folder / WEIGHTS)

"""Saved models made of the packaged one: its weights, with other small files beside them."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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

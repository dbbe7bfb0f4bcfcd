"""Runs that were stored before the files of models were recorded, read today."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embprof.machine.fingerprint import MODEL_FILES, digest
from embprof.model import Stored
from embprof.models import model_files, weights
from embprof.tracking.older_runs import completed

MakeStored = Callable[..., Stored]


@pytest.fixture
def old(
    stored: MakeStored, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Stored]:
    """A run of models from such places; the saved model stands for the packaged one."""
    monkeypatch.setattr(weights, "bert_tokenizer_folder", lambda: model_folder)

    def make(workload: dict[str, Any], **description: str) -> Stored:
        hard = {"threads": 2, "tokenizer_sha256": model_files.tokenizer_sha256(model_folder)}
        config = {"workload": workload}
        return stored(hard=hard, config=config, description=description, environment="before")

    return make


def test_the_files_of_the_packaged_model_are_known(
    old: Callable[..., Stored], model_folder: Path
) -> None:
    found = completed(old({"model": {"name": "m"}}, weights_source="package"))
    assert found.hard[MODEL_FILES] == model_files.other_files(model_folder)
    assert found.run.environment == digest(found.hard)
    assert completed(found) is found


@pytest.mark.parametrize(
    ("workload", "sources"),
    [
        ({"model": {"name": "m"}}, {"weights_source": "local path"}),
        ({"model": {"name": "m"}}, {"weights_source": "random"}),
        ({"model": {"name": "m"}}, {}),
        ({}, {"weights_source": "package"}),
        (
            {"embed": {"model": {"name": "m"}}, "nli": {"model": {"name": "n"}}},
            {"embed_weights_source": "package", "nli_weights_source": "hub cache"},
        ),
    ],
    ids=["local", "random", "never loaded", "no model", "one of two"],
)
def test_what_any_other_model_was_made_of_is_lost(
    old: Callable[..., Stored], workload: dict[str, Any], sources: dict[str, str]
) -> None:
    before = old(workload, **sources)
    assert completed(before) is before


def test_a_packaged_model_with_another_tokenizer_is_another(
    old: Callable[..., Stored], model_folder: Path
) -> None:
    before = old({"model": {"name": "m"}}, weights_source="package")
    (model_folder / "tokenizer.json").write_bytes(b"another one")
    assert completed(before) is before

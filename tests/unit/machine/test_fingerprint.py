"""What figures depend on: equal hashes for equal environments, and for nothing else."""

import json
from typing import Any

import pytest

from embprof.machine import fingerprint, resources
from embprof.machine.process_facts import installed_version

ARGUMENTS: dict[str, Any] = {
    "device": "cpu",
    "threads": 2,
    "wait_policy": "passive",
    "allocator": "retain",
    "dtype": "float32",
    "batch_size": 8,
    "text_length": 128,
    "weights_sha256": "a",
    "tokenizer_sha256": "b",
    "corpus_sha256": "c",
}


def test_a_digest_is_twelve_hex_digits_that_never_change() -> None:
    assert fingerprint.digest({"a": 1, "b": ["ü", None, 0.5]}) == "25e51adbdb22"


def test_a_digest_does_not_depend_on_order() -> None:
    assert fingerprint.digest({"a": 1, "b": 2}) == fingerprint.digest({"b": 2, "a": 1})


@pytest.mark.parametrize("other", [{"a": 2}, {"a": "1"}, {"a": None}, {"a": 1, "b": 2}, {"b": 1}])
def test_a_digest_changes_with_any_part(other: dict[str, Any]) -> None:
    assert fingerprint.digest(other) != fingerprint.digest({"a": 1})


def test_hard_parts_are_the_same_each_time_and_fit_json() -> None:
    hard = fingerprint.hard(**ARGUMENTS)
    assert hard == fingerprint.hard(**ARGUMENTS)
    assert json.loads(json.dumps(hard)) == hard


@pytest.mark.parametrize("name", [name for name in ARGUMENTS if name != "device"])
def test_each_input_decides_the_environment(name: str) -> None:
    changed = fingerprint.hard(**{**ARGUMENTS, name: "other"})
    assert fingerprint.digest(changed) != fingerprint.digest(fingerprint.hard(**ARGUMENTS))


def test_the_gpu_decides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "nvidia_gpus", lambda: ("H200", "A100"))
    gpus = [
        fingerprint.hard(**{**ARGUMENTS, "device": device})["accelerator"]
        for device in ("cpu", "cuda", "cuda:0", "cuda:1")
    ]
    assert gpus == [None, "H200", "H200", "A100"]


def test_files_of_models_are_named_by_where_the_model_stands() -> None:
    alone = fingerprint.model_files([(("model",), {"config.json": "a"})])
    assert alone == {"config.json": "a"}
    several = fingerprint.model_files(
        [(("embed", "model"), {"config.json": "a"}), (("nli", "model"), {"config.json": "b"})]
    )
    assert several == {"embed/config.json": "a", "nli/config.json": "b"}


def test_soft_parts_name_versions_without_importing_the_packages() -> None:
    soft = fingerprint.soft()
    assert set(soft["packages"]) == set(fingerprint.PACKAGES)
    assert soft["packages"]["embprof"] is not None
    assert json.loads(json.dumps(soft)) == soft


def test_a_package_that_is_not_installed_has_no_version() -> None:
    assert installed_version("no-such-package-at-all") is None

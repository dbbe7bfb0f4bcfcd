"""The order in which modules are looked for."""

import os
import sys
from pathlib import Path

import pytest

from embprof import own_modules

STANDARD = str(Path(os.__file__).parent)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return str(tmp_path)


@pytest.mark.parametrize("first", ["", "here"])
def test_the_current_folder_comes_after_pythons_own_and_before_all_others(
    here: str, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    start = [first and here, "/of/pythonpath", STANDARD, f"{STANDARD}/lib-dynload", "/packages"]
    monkeypatch.setattr(sys, "path", start)
    for _ in range(2):
        own_modules.settle()
        assert sys.path == [
            *(STANDARD, f"{STANDARD}/lib-dynload"),
            *(here, "/of/pythonpath", "/packages"),
        ]


def test_what_is_put_first_comes_before_the_current_folder(
    here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [STANDARD, here, "/tree"])
    own_modules.put_first(["/tree", "/tree/src"])
    assert sys.path == [STANDARD, "/tree", "/tree/src", here]


def test_only_files_called_like_pythons_modules_are_hidden(here: str) -> None:
    for name in ("profile", "mine"):
        Path(here, f"{name}.py").touch()
    assert own_modules.hidden("profile") == f"{here}/profile.py"
    assert own_modules.hidden("mine") is None
    assert own_modules.hidden("types") is None
    assert own_modules.shadowing() == []

"""The wheel has all that a command reads: options, scenarios, corpora."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for needed in ("build", "hatchling"):
        if find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed here, and a build may not download it")
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [
            *(sys.executable, "-m", "build", "--wheel", "--no-isolation"),
            *("--outdir", str(folder), str(REPOSITORY)),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert built.returncode == 0, f"{built.stdout}\n{built.stderr}"
    (file,) = folder.glob("embprof-*.whl")
    return file


@pytest.mark.parametrize("folder", ["conf", "experiments", "embprof"])
def test_every_file_that_commands_read_is_in_the_wheel(wheel: Path, folder: str) -> None:
    source = REPOSITORY / folder
    files = [
        file.relative_to(source).as_posix()
        for file in source.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    ]
    assert files
    inside = "embprof" if folder == "embprof" else f"embprof/{folder}"
    with zipfile.ZipFile(wheel) as content:
        missing = {f"{inside}/{file}" for file in files} - set(content.namelist())
    assert not missing


def test_the_wheel_has_the_built_in_texts_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
    assert "embprof/corpora/data/claims.jsonl" in names
    assert "embprof/corpora/data/evidence.jsonl" in names
    assert not [name for name in names if name.startswith("tests")]


def test_commands_of_the_wheel_find_what_came_with_it(wheel: Path, desk: Desk) -> None:
    unpacked = desk.path / "unpacked"
    with zipfile.ZipFile(wheel) as content:
        content.extractall(unpacked)
    where = "import embprof, sys; sys.stdout.write(embprof.__file__)"
    installed = desk.call(sys.executable, "-c", where, PYTHONPATH=str(unpacked))
    assert installed.out == str(unpacked / "embprof" / "__init__.py")
    planned = desk.run("plan", "experiment=quick", "corpus=claims", PYTHONPATH=str(unpacked))
    assert planned.code == 0, planned.text
    assert "2 jobs" in planned.text

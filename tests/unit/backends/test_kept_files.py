"""What backends made of models: kept whole, made once, and never taken for something else."""

import json
from pathlib import Path

import pytest

from embprof.backends.kept_files import LIST, KeptFiles


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBPROF_CACHE_DIR", str(tmp_path / "cache"))


def kept(**made_of: object) -> KeptFiles:
    return KeptFiles(kind="graphs", made_of={"model": "a", **made_of})


def fill(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "graph").write_text("a graph")
    (folder / "inner" / "table").write_text("a table")


def test_files_are_there_once_they_are_made_and_are_made_once() -> None:
    made: list[Path] = []

    def once(folder: Path) -> None:
        made.append(folder)
        fill(folder)

    assert not kept().is_there
    for _ in range(2):
        kept().make(once)
    assert len(made) == 1
    assert kept().is_there
    assert (kept().folder / "inner" / "table").read_text() == "a table"
    assert json.loads((kept().folder / LIST).read_text())["made_of"] == {"model": "a"}


def test_whatever_they_depend_on_names_them() -> None:
    folders = {kept(**more).folder for more in ({}, {"dtype": "int8"}, {"dtype": "float32"})}
    assert len(folders) == 3
    assert kept(a=1, b=2).folder == kept(b=2, a=1).folder


def test_nothing_is_left_of_what_could_not_be_made() -> None:
    def fail(folder: Path) -> None:
        fill(folder)
        raise ValueError("no such operator")

    with pytest.raises(ValueError, match="no such operator"):
        kept().make(fail)
    assert not kept().is_there
    assert [one for one in kept().folder.parent.iterdir() if one.suffix != ".lock"] == []


@pytest.mark.parametrize("name", ["graph", "inner/table", LIST])
def test_what_was_changed_or_lost_on_disk_is_made_anew(name: str) -> None:
    kept().make(fill)
    file = kept().folder / name
    file.write_text(file.read_text()[:-1])
    assert not kept().is_there
    kept().make(fill)
    assert kept().is_there
    file.unlink()
    assert not kept().is_there

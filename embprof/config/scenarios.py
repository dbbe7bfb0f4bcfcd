"""Scenarios and the question of each, read from their files; Hydra is not asked."""

from collections.abc import Iterator
from pathlib import Path

from embprof.config import yaml_files
from embprof.config.folders import experiment_folders, shipped


def own() -> dict[str, str]:
    """Name and question of each scenario in the folder where the user stands."""
    theirs = [folder for folder in experiment_folders() if folder != _ours()]
    return {name: question for folder in theirs for name, question in _in(folder)}


def ours() -> dict[str, str]:
    """Name and question of each that comes with embprof, but for names the user has taken."""
    taken = own()
    return {name: question for name, question in _in(_ours()) if name not in taken}


def _ours() -> Path:
    return shipped("experiments").resolve()


def _in(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.glob("*.yaml")):
        if not file.is_dir():
            yield file.stem, _question(file)


def _question(file: Path) -> str:
    """In brackets the file and what is wrong with it, where it is no scenario."""
    try:
        return str(yaml_files.mapping(file).get("question") or "")
    except yaml_files.YamlFileError as error:
        return f"({error})"

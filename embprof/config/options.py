"""The options of the configuration's groups, read from their files; Hydra is not asked."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embprof.config import yaml_files
from embprof.config.folders import conf_folders, shipped

OF_MODELS = ("model", "cross_encoder")
"""Groups of networks, which also take any name on the hub and any folder."""
TEMPLATE = "any"
"""The option that stands for every name of a model."""


def names(group: str) -> list[str]:
    """The options that a user can name, in alphabetical order."""
    return sorted(_files(group))


def unreadable(group: str) -> Mapping[str, str]:
    """By name, why files of users and third parties are no options."""
    found = {}
    for name, file in sorted(_files(group).items()):
        if not file.is_relative_to(shipped("conf").resolve()):
            try:
                yaml_files.mapping(file)
            except yaml_files.YamlFileError as error:
                found[name] = str(error)
    return found


def target(group: str, name: str) -> str | None:
    """The class path of an option; None where there is no such option, or it names no class."""
    file = _files(group).get(name)
    return None if file is None else _inside(file, group).get("_target_")


def having(group: str, key: str) -> list[str]:
    """The options whose files give that key of the group a value, and not that of the plain key."""
    return [
        name
        for name, file in sorted(_files(group).items())
        if _inside(file, group).get(key, f"${{{key}}}") != f"${{{key}}}"
    ]


def name_of(group: str, target: str) -> str | None:
    """The option that names a class; None where none does."""
    files = _files(group)
    found = (
        name for name in sorted(files) if _inside(files[name], group).get("_target_") == target
    )
    return next(found, None)


def shipped_node(group: str, name: str) -> Mapping[str, Any]:
    """What an option of ours holds, as it stands in its file."""
    return _inside(shipped("conf") / group / f"{name}.yaml", group)


@functools.cache
def default(group: str) -> str:
    """The option of a command that names none."""
    content = yaml_files.mapping(shipped("conf") / "config.yaml")
    chosen = next(entry for entry in content["defaults"] if group in entry)
    return str(chosen[group])


def _files(group: str) -> dict[str, Path]:
    """By name; of two with one name the user's own counts."""
    files = (file for folder in conf_folders() for file in (folder / group).glob("*.yaml"))
    return {file.stem: file for file in files if file.stem != TEMPLATE and not file.is_dir()}


@functools.cache
def _inside(file: Path, group: str) -> Mapping[str, Any]:
    """Nothing of a file that is no option: whoever asks for it is told by Hydra's source of it."""
    try:
        content = yaml_files.mapping(file)
    except yaml_files.YamlFileError:
        return {}
    inner = content.get(group, content)
    return inner if isinstance(inner, dict) else {}

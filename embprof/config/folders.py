"""The folders that hold configuration: ours, those of installed packages, and the user's own."""

import functools
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from embprof.config import entry_points
from embprof.interface import faults

PACKAGE = Path(__file__).resolve().parent.parent
ENTRY_POINT = "embprof.conf"
"""Group of entry points: each names a package's folder of options, as ``acme_embprof.conf``."""


def shipped(folder: str) -> Path:
    """Folder ``conf`` or ``experiments`` of embprof: in the wheel, else in the repository."""
    inside_wheel = PACKAGE / folder
    return inside_wheel if inside_wheel.is_dir() else PACKAGE.parent / folder


def experiment_folders() -> list[Path]:
    """Folders that are searched for scenarios, the user's own first; only those that exist."""
    candidates = dict.fromkeys([_own("experiments"), shipped("experiments").resolve()])
    return [candidate for candidate in candidates if candidate.is_dir()]


def conf_folders() -> list[Path]:
    """Folders that are searched for group options; of two with the same option the last counts.

    Ours come first, then those of installed packages, then the user's own; only those that exist.
    """
    candidates = dict.fromkeys([*package_folders().values(), _own("conf")])
    return [candidate for candidate in candidates if candidate.is_dir()]


def package_folders() -> Mapping[str, Path]:
    """The folders of options that packages bring, by the package's name: embprof's first."""
    found, missing = _of_packages(tuple(sys.path))
    for package, module in missing.items():
        faults.note(package, f"its entry point {ENTRY_POINT}", f"{module} is no folder")
    return {"embprof": shipped("conf").resolve(), **found}


@functools.cache
def _of_packages(path: tuple[str, ...]) -> tuple[Mapping[str, Path], Mapping[str, str]]:
    """By package: the folders that there are, and what others name instead."""
    modules = entry_points.values(ENTRY_POINT, path)
    found = {package: _folder(module) for package, module in modules.items()}
    there = {package: folder for package, folder in found.items() if folder is not None}
    return there, {package: modules[package] for package in found.keys() - there.keys()}


def own_folder() -> Path | None:
    """The user's ``./conf``, where there is one that is not embprof's."""
    own = _own("conf")
    return own if own.is_dir() and own != shipped("conf").resolve() else None


def ambiguous(group: str, option: str) -> list[str]:
    """The packages that give the same option, where the user's own folder does not decide it."""
    file = Path(group) / f"{option}.yaml"
    own = own_folder()
    if own is not None and (own / file).is_file():
        return []
    having = [name for name, folder in package_folders().items() if (folder / file).is_file()]
    return having if len(having) > 1 else []


def _own(folder: str) -> Path:
    return Path.cwd().resolve() / folder


def _folder(module: str) -> Path | None:
    """The folder of a package, found without importing what it lies in."""
    top, _, rest = module.partition(".")
    spec = find_spec(top)
    places = spec.submodule_search_locations if spec is not None else None
    folders = (Path(place, *rest.split(".")) if rest else Path(place) for place in places or ())
    return next((folder.resolve() for folder in folders if folder.is_dir()), None)

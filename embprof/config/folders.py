"""The folders that hold configuration: ours, and those of the folder the user stands in."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def shipped(folder: str) -> Path:
    """Folder ``conf`` or ``experiments`` of embprof: in the wheel, else in the repository."""
    inside_wheel = PACKAGE / folder
    return inside_wheel if inside_wheel.is_dir() else PACKAGE.parent / folder


def experiment_folders() -> list[Path]:
    """Folders that are searched for scenarios, the user's own first; only those that exist."""
    return _existing("experiments")


def conf_folders() -> list[Path]:
    """Folders that are searched for group options, ours first; only those that exist."""
    return list(reversed(_existing("conf")))


def _existing(folder: str) -> list[Path]:
    candidates = dict.fromkeys([Path.cwd().resolve() / folder, shipped(folder).resolve()])
    return [candidate for candidate in candidates if candidate.is_dir()]

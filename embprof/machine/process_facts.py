"""What a worker really ran: its Python, its libraries, and the user's code that it had imported.

Arms of a gate differ in what was declared or the verdict is void, so this is asked of the worker
itself and not concluded from what it was started with.
"""

import hashlib
import os
import platform
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "sentence-transformers", "transformers", "tokenizers", "numpy", "scipy")
"""Libraries that figures of embedding services depend on."""
INSTALLED = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
"""Folders that installers put packages into, in whatever environment."""
EMBPROF = str(Path(__file__).resolve().parent.parent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """``code_sha256`` is of every source file below ``roots`` that was imported; None if none.

    ``found`` is what the measurement says of what it met.
    """

    python: str
    packages: dict[str, str | None]
    code_sha256: str | None
    found: dict[str, Any] = field(default_factory=dict)


def read(roots: Sequence[str]) -> Facts:
    """The facts of this process; ``roots`` are folders of the user's own code.

    Where they stand in a git repository, all of that is the user's own too.
    """
    folders = [Path(root).resolve() for root in roots]
    tops = [top for folder in folders if (top := _repository(folder)) is not None]
    return Facts(
        python=platform.python_version(),
        packages={name: installed_version(name) for name in PACKAGES},
        code_sha256=_code_sha256(list(dict.fromkeys([*folders, *tops]))),
    )


def of_torch() -> dict[str, Any]:
    """Its compute threads and its GPU, where something has imported it."""
    torch = sys.modules.get("torch")
    if torch is None:
        return {}
    gpu = torch.cuda.get_device_name() if torch.cuda.is_initialized() else None
    return {"threads": torch.get_num_threads(), "gpu": gpu}


def storable(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a plug-in told: plain values as they are, all else as text."""
    plain = str | int | float | bool | None
    return {
        name: value if isinstance(value, plain) else str(value) for name, value in facts.items()
    }


def _repository(folder: Path) -> Path | None:
    return next((top for top in (folder, *folder.parents) if (top / ".git").exists()), None)


def _code_sha256(roots: Sequence[Path]) -> str | None:
    hashed = hashlib.sha256()
    files = sorted(set(_own_files(roots)))
    for name, path in files:
        hashed.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return hashed.hexdigest() if files else None


def _own_files(roots: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Name below its root, and path, of each imported file that is nobody's installed package."""
    standard = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
    folders = {*standard, *(os.path.realpath(folder) for folder in standard), EMBPROF}
    libraries = tuple(f"{folder}{os.sep}" for folder in folders)

    def is_library(file: str) -> bool:
        return file.startswith(libraries) or any(name in file for name in INSTALLED)

    for file in _imported_files():
        if is_library(file) or not Path(file).is_absolute():
            continue  # most are; the rest is worth asking the disk
        path = Path(file).resolve()
        root = next((root for root in roots if path.is_relative_to(root)), None)
        if root is not None and path.is_file() and not is_library(str(path)):
            yield path.relative_to(root).as_posix(), path


def _imported_files() -> Iterator[str]:
    for module in list(sys.modules.values()):
        # Not getattr: of a module that loads lazily it may import something, or raise anything.
        file = getattr(module, "__dict__", {}).get("__file__")
        if isinstance(file, str):
            yield file


def installed_version(package: str) -> str | None:
    """The version of a package, by its metadata; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None

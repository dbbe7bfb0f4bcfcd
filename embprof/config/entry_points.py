"""Entry points of installed packages, read from their files in a millisecond or two.

``importlib.metadata`` takes longer to import than the help page may take as a whole.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

METADATA = (".dist-info", ".egg-info")


def values(group: str, path: Sequence[str]) -> dict[str, str]:
    """What the entry points of a group name, by the distribution that has them.

    ``path`` is that of modules, ``sys.path``; of a distribution that is on it twice the first
    counts. A distribution with several entry points of the group has its last.
    """
    found: dict[str, str] = {}
    for folder in dict.fromkeys(path):
        for name, text in _texts(folder or "."):
            for value in _values(text, group):
                found.setdefault(name, value)
    return found


def _texts(folder: str) -> Iterator[tuple[str, str]]:
    try:
        entries = sorted(Path(folder).iterdir())
    except OSError:  # an archive, or a folder that is gone
        return
    for entry in entries:
        if entry.suffix in METADATA:
            try:
                text = (entry / "entry_points.txt").read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            yield entry.name.partition("-")[0], text


def _values(text: str, group: str) -> Iterator[str]:
    inside = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            inside = line == f"[{group}]"
        elif inside and "=" in line and not line.startswith(("#", ";")):
            yield line.partition("=")[2].partition(":")[0].partition("[")[0].strip()

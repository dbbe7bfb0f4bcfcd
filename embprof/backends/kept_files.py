"""Files that backends made of models, kept on disk between sweeps.

A folder is named by the hash of all that its files depend on: what changes gets another name, so
nothing in it can be out of date, and any of them may be deleted at any time. It is put in place
whole; a list of its files, each with its hash, tells whether they are still what was made.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from embprof.interface.array_cache import folder as cache_folder
from embprof.models.model_files import file_sha256

VERSION = 1
LIST = "files.json"
"""The name of the list, which is written last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFiles:
    """One such folder, there or not. ``made_of``: all that its files depend on; JSON-ready."""

    kind: str
    made_of: Mapping[str, Any]

    @property
    def folder(self) -> Path:
        """Where it lies."""
        content = json.dumps([VERSION, self.made_of], sort_keys=True)
        name = hashlib.sha256(content.encode()).hexdigest()[:32]
        return cache_folder() / "backends" / self.kind / name

    @property
    def is_there(self) -> bool:
        """Whether it is there with files that are what was made; all of them are read for it."""
        try:
            listed = json.loads((self.folder / LIST).read_text(encoding="utf-8"))["files"]
            return all(file_sha256(self.folder / name) == one for name, one in listed.items())
        except (OSError, ValueError, KeyError, AttributeError):
            return False

    def make(self, fill: Callable[[Path], None]) -> None:
        """Puts in place what ``fill`` writes into an empty folder; nothing if that raises.

        Of several processes that ask for the same, one makes it and the others wait. Raises OSError
        where it cannot be written.
        """
        parent = self.folder.parent
        parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.folder}.lock"):
            if self.is_there:
                return
            new = Path(tempfile.mkdtemp(prefix=f".{self.folder.name}-", dir=parent))
            try:
                fill(new)
                self._list(new)
                shutil.rmtree(self.folder, ignore_errors=True)  # files that are not what was made
                new.rename(self.folder)
            finally:
                shutil.rmtree(new, ignore_errors=True)

    def _list(self, new: Path) -> None:
        files = sorted(path for path in new.rglob("*") if path.is_file())
        listed = {str(path.relative_to(new)): file_sha256(path) for path in files}
        content = json.dumps({"files": listed, "made_of": self.made_of}, indent=1)
        (new / LIST).write_text(content, encoding="utf-8")

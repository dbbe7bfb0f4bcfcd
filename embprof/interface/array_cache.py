"""Arrays that cost much to make and are the same each time, kept on disk between sweeps.

A file is named by the hash of all that its content depends on: what changes gets another name, so
nothing in it can be out of date, and the whole folder may be deleted at any time. Two processes
that make one array at the same time both make it; each puts a whole file in place.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def folder() -> Path:
    """Where they lie: ``EMBPROF_CACHE_DIR``, or ``embprof`` in the user's cache folder."""
    given = os.environ.get("EMBPROF_CACHE_DIR")
    if given:
        return Path(given).expanduser()
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "embprof"


def cached_array(name_parts: Sequence[object], make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """The array of that name, made now if it is not there yet.

    ``name_parts``: what it is (``"nli_reference"``, the name of a folder), then all that its
    content depends on; parts are told apart by their ``repr``. A folder that cannot be written is
    no error: the array is made each time then.
    """
    import numpy as np

    digest = hashlib.sha256("\0".join(map(repr, name_parts)).encode()).hexdigest()
    file = folder() / str(name_parts[0]) / f"{digest}.npy"
    # A file that was cut off, by a full disk say, is made anew.
    with contextlib.suppress(OSError, ValueError, EOFError):
        kept: NDArray[Any] = np.load(file, allow_pickle=False)
        return kept
    made = np.ascontiguousarray(make())
    with contextlib.suppress(OSError):
        _put(file, made)
    return made


def _put(file: Path, made: NDArray[Any]) -> None:
    """Writes it whole or not at all."""
    import numpy as np

    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.stem}-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as content:
            np.save(content, made, allow_pickle=False)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)

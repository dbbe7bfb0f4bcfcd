"""Room on the disks that a sweep writes to."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Bytes free for runs and for temporary files, and where these are."""

    runs: str
    runs_free: int | None
    temporary: str
    temporary_free: int | None


def read(runs: Path) -> Storage:
    """The room now; ``runs`` need not exist yet."""
    temporary = tempfile.gettempdir()
    return Storage(
        runs=str(runs),
        runs_free=_free(runs),
        temporary=temporary,
        temporary_free=_free(Path(temporary)),
    )


def _free(folder: Path) -> int | None:
    """Bytes that this user may still write into the folder, or where it would be made."""
    existing = next((one for one in (folder, *folder.parents) if one.exists()), None)
    try:
        return None if existing is None else shutil.disk_usage(existing).free
    except OSError:
        return None

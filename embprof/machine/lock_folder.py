"""Where the lock of this machine lies: one measures at a time, whoever started it."""

import os
import tempfile
from pathlib import Path


def usual_folder() -> Path:
    """Where every user's embprof looks for it."""
    return Path(tempfile.gettempdir()) / "embprof-locks"


def lock_folder() -> Path:
    """Where this user's embprof looks for it."""
    return Path(os.environ.get("EMBPROF_LOCK_DIR") or usual_folder())

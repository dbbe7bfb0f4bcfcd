"""The folder of a sweep's workers for temporary files, which is gone with the sweep.

Measurements, profilers and libraries leave files where the system has temporary ones, and a worker
that is killed cannot tidy up. So the sweep does, and the next one does it for a sweep that was
killed itself: a folder is held by a lock that the kernel gives back however its holder ends.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "embprof-workers-"
LOCK = "lock"


class TemporaryFolder:
    """A new folder, held until it is closed; those of killed sweeps are removed."""

    def __init__(self) -> None:
        _remove_dead()
        while True:
            self.path = tempfile.mkdtemp(prefix=PREFIX)
            self._lock = FileLock(Path(self.path) / LOCK)
            with contextlib.suppress(Timeout, OSError):  # taken for a dead one's in this moment
                self._lock.acquire(timeout=0)
                return

    def close(self) -> None:
        """Removes it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()


def _remove_dead() -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # One without a lock is just being made.
        with contextlib.suppress(Timeout, OSError):
            if (path / LOCK).exists() and path.lstat().st_uid == os.geteuid():
                with FileLock(path / LOCK).acquire(timeout=0):
                    shutil.rmtree(path, ignore_errors=True)

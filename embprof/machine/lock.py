"""One sweep measures on a machine at a time, whoever started it.

Two measured workers side by side would each slow the other, so a sweep holds a file lock of the
machine from its first worker to its last. The kernel gives the lock back when its holder ends,
however it ends.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

POLL_SECONDS = 0.2
SILENT_SECONDS = 1.0
"""A wait that is not worth a word; whoever has just taken the machine has said so by then."""


def usual_folder() -> Path:
    """Where every user's embprof looks for the lock."""
    return Path(tempfile.gettempdir()) / "embprof-locks"


def lock_folder() -> Path:
    """Where this user's embprof looks for it."""
    return Path(os.environ.get("EMBPROF_LOCK_DIR") or usual_folder())


@contextlib.contextmanager
def only_one(sweep_id: str, *, waiting: Callable[[str], None]) -> Iterator[None]:
    """Holds the machine; while somebody else does, says so once through ``waiting`` and waits."""
    folder = lock_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        folder.chmod(0o777)  # every user's sweeps must be able to lock
    lock = FileLock(folder / "machine.lock", mode=0o666)
    holder = folder / "holder.json"
    try:
        lock.acquire(timeout=SILENT_SECONDS, poll_interval=POLL_SECONDS)
    except Timeout:
        waiting(_holder(holder))
        lock.acquire(poll_interval=POLL_SECONDS)
    try:
        with contextlib.suppress(OSError):
            holder.write_text(json.dumps({"sweep": sweep_id, "pid": os.getpid()}), "utf-8")
            holder.chmod(0o666)
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink()  # the next one to wait must not be told of this sweep
        lock.release()


def _holder(file: Path) -> str:
    try:
        held = json.loads(file.read_text("utf-8"))
        return f"sweep {held['sweep']} (process {held['pid']})"
    except (OSError, ValueError, KeyError):
        return "another sweep"

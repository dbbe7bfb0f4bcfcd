"""A temporary folder of one keeper, and how to tell that nobody needs it any more.

Its file ``lock`` is held (flock(2)) by the keeper and by every process of the server, which
inherit it: the lock can be had when the last of them is gone, and not before. The kernel sees to
that, however they ended.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from embprof.errors import ServiceError

PREFIX = "embprof-postgres-"
LONGEST_PLACE = 103 - len(f"/{PREFIX}12345678/socket/.s.PGSQL.5432")
"""Bytes of a path below which the server's socket can lie: macOS takes 103 of a socket's path,
Linux 107 (unix(7))."""
YOUNG_SECONDS = 60.0
"""A folder without a lock may be one that is just being made."""
REMOVE_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder, and the lock on it as long as the file descriptor is open."""

    path: Path
    lock: int


def parents() -> list[Path]:
    """Where folders may lie, best first."""
    found = [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108  (folders of our own in it)
    return list(dict.fromkeys(path.resolve() for path in found if path.is_dir()))


def make(*, for_others: bool) -> Folder:
    """A new folder, locked; ``for_others`` if another user is to reach what lies in it.

    Raises ServiceError when none can be made.
    """
    suits = [parent for parent in parents() if _suits(parent, for_others=for_others)]
    if not suits:
        raise ServiceError(
            f"no place for PostgreSQL's data in {' or '.join(map(str, parents()))}: it takes a "
            f"folder that can be written to, with a path of at most {LONGEST_PLACE} bytes"
            f"{' and open to all users' if for_others else ''}; set TMPDIR to one"
        )
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=suits[0]))
        if for_others:
            path.chmod(0o711)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(lock), (path / "lock").stat()):
                return Folder(path=path, lock=lock)
        os.close(lock)  # another keeper has taken it for a dead one's meanwhile


def dead() -> Iterator[Folder]:
    """This user's folders whose keepers and servers are gone, each locked while it is looked at."""
    for parent in parents():
        for path in sorted(parent.glob(f"{PREFIX}*")):
            lock = _dead_lock(path)
            if lock is not None:
                try:
                    yield Folder(path=path, lock=lock)
                finally:
                    os.close(lock)


def remove(folder: Folder) -> None:
    """Removes a folder whose lock is held here; raises ServiceError if something of it stays."""
    end = time.monotonic() + REMOVE_SECONDS
    while True:
        try:
            shutil.rmtree(folder.path)
        except FileNotFoundError:
            if not folder.path.exists():
                return
        except OSError as error:  # a process that is ending has written one file more
            if time.monotonic() > end:
                raise ServiceError(f"{folder.path} cannot be removed: {error}") from error
        else:
            return


def _dead_lock(path: Path) -> int | None:
    with contextlib.suppress(OSError):
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return None
        is_young = time.time() - found.st_mtime < YOUNG_SECONDS
        create = 0 if is_young else os.O_CREAT
        lock = os.open(path / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | create, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return None
        return lock
    return None


def _suits(parent: Path, *, for_others: bool) -> bool:
    is_short = len(os.fsencode(parent)) <= LONGEST_PLACE
    is_open = all(folder.stat().st_mode & stat.S_IXOTH for folder in (parent, *parent.parents))
    return is_short and os.access(parent, os.W_OK) and (is_open or not for_others)

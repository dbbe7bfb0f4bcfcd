"""A PostgreSQL server of a sweep's own, with its data in a temporary folder.

The programs of the package are run directly: its Python interface keeps servers in step across
processes by files of pids and an ``atexit`` function, leaves them behind after SIGKILL, and as root
changes the machine (:mod:`.account`). ``pg_ctl`` is not used either, since it would detach the
server from the keeper: as the keeper's child it is ended by the kernel when the keeper is.

Ended it is by an immediate shutdown (SIGQUIT), which takes milliseconds: a slower one would first
write to disk what is thrown away the moment after.
"""

import contextlib
import importlib
import os
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from embprof.errors import ServiceError
from embprof.services.postgres import folder as folders
from embprof.services.postgres import package, server_facts, settings
from embprof.services.postgres.account import Account, account
from embprof.services.postgres.folder import Folder
from embprof.services.postgres.lifeline import Lifeline
from embprof.services.postgres.program import finish, run

INITDB = (
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    # The same order of texts on every machine; C compares bytes, as fast as can be.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",  # of the empty database only: the server itself writes durably
    "--no-instructions",
)
START_SECONDS = 120.0
"""Half a second is usual; a disk that is this slow is of no use."""
INITDB_SECONDS = 10.0
"""How long it may go on when it is not needed any more."""
POLL_SECONDS = 0.02
RECOVER_SECONDS = 10.0

Tell = Callable[..., None]


@contextlib.contextmanager
def server(
    lifeline: Lifeline, tell: Tell
) -> Iterator[tuple[Mapping[str, Any], subprocess.Popen[bytes]]]:
    """Facts and process of a server that answers; nothing is left of it afterwards.

    Raises ServiceError when it cannot be started, Ended when it need not be any more.
    """
    user = account()
    folder = folders.make(for_others=user.is_other)
    tell(folder=str(folder.path))
    process: subprocess.Popen[bytes] | None = None
    try:
        root = _programs(user, folder)
        version = _version(root)
        tell(say=f"starting PostgreSQL {version} (embedded) …")
        chosen = settings.settings(settings.memory(), settings.shared_memory())
        _initialise(root, folder, user, chosen, lifeline)
        places = ("-D", str(folder.path / "data"), "-k", str(folder.path / "socket"))
        process = run(root, "postgres", *places, folder=folder, user=user, outlives=False)
        tell(pid=process.pid)
        _wait_ready(process, folder, lifeline)
        yield _facts(folder, process.pid), process
    finally:
        if process is not None:
            finish(process)
        remove(folder)


def remove(folder: Folder) -> None:
    """Removes the folder of a server that has ended; raises ServiceError if something stays."""
    with contextlib.suppress(ServiceError):  # a megabyte of shared memory, in the worst case
        _release_shared_memory(folder)
    folders.remove(folder)


def _release_shared_memory(folder: Folder) -> None:
    """Has what a killed server left outside its folder removed, as PostgreSQL does when it starts.

    A server that ended by itself leaves nothing, and no postmaster.pid either.
    """
    data, left = folder.path / "data", folder.path / "data/postmaster.pid"
    end = time.monotonic() + RECOVER_SECONDS
    while left.exists() and time.monotonic() < end:
        # Where nobody buries the dead, a zombie still has the number that stands there, and would
        # be taken for a living server; the number of the parent never is.
        _, _, rest = left.read_text("utf-8").partition("\n")
        left.write_text(f"{os.getpid()}\n{rest}", "utf-8")
        user = account()
        # It repairs the data first, and would write all of it to disk, which takes seconds.
        alone = ("--single", "-D", str(data), "-c", "fsync=off", "postgres")
        process = run(
            _programs(user, folder), "postgres", *alone, folder=folder, user=user, outlives=True
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(RECOVER_SECONDS)
        finish(process)


def _programs(user: Account, folder: Folder) -> Path:
    root = package.installation()
    if user.is_other and not package.is_open_to_all(root):
        return package.copy(root, folder.path / "install")
    return root


def _version(root: Path) -> str:
    printed = subprocess.run(  # noqa: S603  (of the package)
        [root / "bin/postgres", "--version"], capture_output=True, encoding="utf-8", check=True
    ).stdout
    found = re.search(r"\d+(\.\d+)*", printed)
    return found[0] if found else printed.strip()


def _initialise(
    root: Path, folder: Folder, user: Account, chosen: Mapping[str, str], lifeline: Lifeline
) -> None:
    for name in ("data", "socket"):
        (folder.path / name).mkdir(mode=0o700)
        user.owns(folder.path / name)
    options = [f"--set={name}={value}" for name, value in chosen.items()]
    arguments = ("-D", str(folder.path / "data"), *INITDB, *options)
    process = run(root, "initdb", *arguments, folder=folder, user=user, outlives=True)
    try:
        importlib.import_module("psycopg")  # to be needed in a moment, and there is time now
        lifeline.wait(process, seconds=START_SECONDS)
    finally:
        # It has started a server of its own, which would leave shared memory if it were ended: it
        # is quicker to wait.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(INITDB_SECONDS)
        finish(process, signal.SIGTERM)
    if process.returncode != 0:
        raise ServiceError(f"PostgreSQL cannot make a database:\n{_last_words(folder)}")


def _wait_ready(process: subprocess.Popen[bytes], folder: Folder, lifeline: Lifeline) -> None:
    patience = time.monotonic() + START_SECONDS
    status = folder.path / "data/postmaster.pid"
    while process.poll() is None and time.monotonic() < patience:
        with contextlib.suppress(OSError):
            if status.read_text("utf-8").rstrip().endswith("ready"):
                return
        lifeline.wait(process, seconds=POLL_SECONDS)
    raise ServiceError(f"PostgreSQL did not start:\n{_last_words(folder)}")


def _facts(folder: Folder, pid: int) -> dict[str, Any]:
    import psycopg

    # What is empty here cannot be taken from PGHOSTADDR and PGOPTIONS of the user's shell.
    place = f"host={quote(str(folder.path / 'socket'), safe='/')}&port=5432&hostaddr=&options="
    dsn = f"postgresql://postgres@/postgres?{place}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        known = server_facts.facts(connection)
    return {
        **known,
        "dsn": dsn,
        "pid": pid,
        "is_embedded": True,
        "name": f"PostgreSQL {known['version']} (embedded)",
        "schema_prefix": f"embprof_{secrets.token_hex(4)}",
    }


def _last_words(folder: Folder) -> str:
    lines = (folder.path / "log").read_text("utf-8", "replace").strip().splitlines()
    return "\n".join(lines[-8:])

"""The programs of PostgreSQL as children of the keeper, which do not outlive it.

The kernel sends them a signal when the keeper ends, however it does: PR_SET_PDEATHSIG of prctl(2).
That is kept across execve(2), and must be set after the user was changed, which clears it. Other
systems than Linux have nothing like it: there a server stays if its keeper is killed, until the
sweep ends.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from embprof.errors import ServiceError
from embprof.services.postgres.account import NAME, Account
from embprof.services.postgres.folder import Folder

PR_SET_PDEATHSIG = 1
QUIT_SECONDS = 6.0
"""PostgreSQL itself waits 5 s for its processes to follow an immediate shutdown, then kills them
(manual, section "Shutting Down the Server")."""


def run(
    root: Path, name: str, *arguments: str, folder: Folder, user: Account, outlives: bool
) -> subprocess.Popen[bytes]:
    """A program of the package, which prints to the folder's log and holds its lock.

    One that ``outlives`` the keeper ends by itself, soon and more cleanly. Raises ServiceError when
    it cannot be run.
    """

    def end_with_keeper() -> None:
        if sys.platform == "linux":
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)
        if os.getppid() != keeper:  # it was killed before that was said
            os._exit(1)

    keeper = os.getpid()
    libc = ctypes.CDLL(None)
    with (folder.path / "log").open("ab") as log, _plain_errors(name, user):
        return subprocess.Popen(  # noqa: S603  (of the package)
            [root / "bin" / name, *arguments],
            cwd=folder.path,
            # Nothing of the user's shell: neither PGDATA nor their language.
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(folder.lock,),
            # Safe: the keeper has one thread.
            preexec_fn=None if outlives else end_with_keeper,  # noqa: PLW1509
            **user.popen_arguments,
        )


@contextlib.contextmanager
def _plain_errors(name: str, user: Account) -> Iterator[None]:
    try:
        yield
    except (OSError, subprocess.SubprocessError) as error:
        whom = f" as {NAME!r}, since it refuses to run as root" if user.is_other else ""
        raise ServiceError(
            f"cannot run {name} of PostgreSQL{whom}: {error}; start embprof as another user, or "
            "give database.dsn"
        ) from error


def finish(process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGQUIT) -> None:
    """Ends a server at once, if it runs; its data need not survive."""
    for number in (by, signal.SIGKILL):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(QUIT_SECONDS + 1.0)
            return

"""The user that a server runs as: this one, or for root, whom PostgreSQL refuses, ``nobody``.

The package that the server comes from has an interface of its own for that, which adds a user to
the system and opens every folder above the data and above itself to all users, up to the root.
A tool that measures must not change a machine like that, so only the package's programs are used.
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embprof.errors import ServiceError

NAME = "nobody"
"""An account that every system has. initdb wants one with a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user to run programs as."""

    uid: int
    gid: int
    is_other: bool

    def owns(self, path: Path) -> None:
        """Makes a file or folder this user's."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)

    @property
    def popen_arguments(self) -> dict[str, Any]:
        """What makes subprocess.Popen run a program as this user."""
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account() -> Account:
    """Whom a server of this process is to run as; raises ServiceError if there is nobody."""
    if os.geteuid() != 0:
        return _this_one(os.geteuid())
    try:
        found = pwd.getpwnam(NAME)
    except KeyError:
        raise ServiceError(
            f"PostgreSQL does not run as root, and this system has no user {NAME!r} to run it as: "
            "start embprof as another user, or give database.dsn"
        ) from None
    return Account(uid=found.pw_uid, gid=found.pw_gid, is_other=True)


def _this_one(uid: int) -> Account:
    try:
        pwd.getpwuid(uid)
    except KeyError:  # as in a container that is run with --user
        raise ServiceError(
            f"PostgreSQL's initdb wants a user with a name, and number {uid} has none on this "
            "system: add it to /etc/passwd, or give database.dsn"
        ) from None
    return Account(uid=uid, gid=os.getegid(), is_other=False)

"""Whether another sweep measured here, and whether it could have known of us."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from embprof.machine.lock import lock_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Who held the machine's lock when this began, and where the lock lies.

    ``everybodys``: it lies where every user's embprof looks for it.
    """

    waited_for: str | None
    folder: str
    everybodys: bool


def read(waited_for: str | None) -> Sharing:
    """The lock of this machine; ``waited_for`` is what :func:`only_one` said, if it had to wait."""
    folder = lock_folder()
    usual = Path(tempfile.gettempdir()) / "embprof-locks"
    return Sharing(waited_for=waited_for, folder=str(folder), everybodys=folder == usual)

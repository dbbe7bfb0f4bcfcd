"""Whether another sweep measured here, and whether it could have known of us."""

from dataclasses import dataclass

from embprof.machine.lock import lock_folder, usual_folder


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
    is_usual = folder == usual_folder()
    return Sharing(waited_for=waited_for, folder=str(folder), everybodys=is_usual)

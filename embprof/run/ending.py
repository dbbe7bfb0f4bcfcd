"""How measuring ended, whatever happened: an answer with a status, and never an exception.

A worker that failed, died or hung, an interruption, a fault of ours: each becomes the end of what
was being measured, and what was measured before it stands. Only our own disk failing is passed on:
nothing else could be kept either.
"""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from embprof.errors import WorkerError
from embprof.interruptions import Terminated
from embprof.model import Status
from embprof.tracking.folder import RunFolder
from embprof.units import duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How measuring ended, and what is to be kept of an error."""

    status: Status
    reason: str | None
    details: str = ""

    @property
    def left(self) -> str | None:
        """Why a row left its race before that was over; None where it ended well."""
        if self.status == Status.OK:
            return None
        if self.status == Status.INTERRUPTED:
            return self.status.value
        return f"{self.status.value.replace('_', ' ')}: {self.reason}"


OK = Ending(status=Status.OK, reason=None)


@dataclass(slots=True)
class Phase:
    """What is being done now, for who watches and for the reason if it fails.

    ``time_limit``: seconds that all phases together may take; None if each has its own.
    """

    progress: Callable[[str], None]
    time_limit: float | None = None
    name: str = "starting"

    def enter(self, name: str, which: str = "") -> None:
        """Goes on to another phase; ``which`` of several is shown alone."""
        self.name = name
        self.progress(f"{name}{which}")

    def reason(self, error: WorkerError) -> str:
        """What a worker ended with, and while what."""
        if error.status == Status.TIMEOUT and self.time_limit is not None:
            limit = duration(self.time_limit)
            return f"not finished within time_limit={limit}, while {self.name}"
        return f"{error.reason} (while {self.name})"


def ending_of(measure: Callable[[], None], phase: Phase, folders: Sequence[RunFolder]) -> Ending:
    """Measures, and says how that ended; raises nothing but OSError, the ``folders`` then closed.

    The order is that of who is to blame: the worker, the user or the system, our disk, ourselves.
    """
    try:
        measure()
    except WorkerError as error:
        status = Status(error.status)
        return Ending(status=status, reason=phase.reason(error), details=error.details)
    except KeyboardInterrupt as error:
        return interrupted(error, phase.name)
    except OSError:  # our own files: nothing else could be kept either
        for folder in folders:
            folder.close()
        raise
    except Exception as error:  # noqa: BLE001  (a fault of ours must not cost what is still to come)
        return Ending(
            status=Status.FAILED,
            reason=f"{type(error).__name__}: {error} (while {phase.name})",
            details="".join(traceback.format_exception(error)),
        )
    return OK


def interrupted(error: KeyboardInterrupt, phase: str) -> Ending:
    """The end by the user's, or the system's, will."""
    by = error.signal if isinstance(error, Terminated) else "ctrl-C"
    return Ending(status=Status.INTERRUPTED, reason=f"{by}, while {phase}")
